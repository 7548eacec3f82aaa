"""What a password must be: long, and nothing that is tried first."""

from __future__ import annotations

import re
import string

from flask_babel import gettext as _

from shop.errors import InvalidInput

SHORTEST, LONGEST = 10, 200
# What stands at the top of every published list of leaked passwords, by its letters: digits and signs at either end
# make none of these better, and neither does a 0 for an o.
COMMON = frozenset(
    """
    abc abcd abcdef abcdefg abcdefgh abcdefghi abcdefghij access account admin administrator adminadmin alexander
    amanda andrew angel angels anthony apple asdf asdfasdf asdfgh asdfghjk asdfghjkl asdfghjklqwe ashley austin autumn
    baby babygirl bailey banana barcelona baseball basketball batman benjamin berlin beautiful blink butterfly buster
    changeme charlie cheese chelsea chicken chocolate christian christopher computer cookie cowboy crystal daniel
    default diamond dragon dragonball elizabeth enter england facebook family firefox flower flowers football forever
    freedom friend friends fuckyou gabriel george geheim ginger google guest hallo hallohallo hamburg hannah harley
    hello helloworld hello hockey hunter iloveyou iloveyouso internet isabella jackson jasmine jennifer jessica jesus
    jordan joshua justin killer letmein letmeinnow liverpool login london love lovelove loveme lovely madison maggie
    manchester margaret mario martin master matthew merlin mercedes michael michelle minecraft money monkey mustang
    mypassword myspace naruto nicholas nicole ninja nothing october orange pass passw passwd passwort passwortpasswort
    password passwordpassword patrick peanut pepper phoenix pokemon princess purple qazwsx qazwsxedc qazxsw qwer qwert
    qwertqwert qwertz qwertzu qwertzui qwertzuiop qwertzuiopü qwerty qwertyqwerty qwertyui qwertyuiop qweasd qweasdzxc
    qweqwe rainbow rangers robert samantha samsung schalke schatz secret secretsecret shadow shopping snoopy soccer
    sommer sonnenschein spiderman starwars strawberry summer sunshine superman superstar taylor teatime test testtest
    testing thomas tidewater tidewatertea tigger tinkerbell trustno trustnoone unknown user victoria warcraft welcome
    welcomewelcome whatever william willkommen winter yellow zaqwsx zxcvbn zxcvbnm zxcvbnmasdf
    """.split()
)
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_ALPHABET, _DIGITS = string.ascii_lowercase, string.digits
_ROWS = (_DIGITS * 2, _DIGITS[::-1] * 2, _ALPHABET, _ALPHABET[::-1])


def check(password: str, email: str, field: str = "password") -> None:
    """Raise InvalidInput, with words for the person, for a password that somebody else would try early.

    No kinds of character are asked for: length is what helps (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < SHORTEST:
        raise InvalidInput(_("Use at least %(least)d characters. A few words make a good one.", least=SHORTEST), field)
    if len(password) > LONGEST:
        raise InvalidInput(_("This is too long: %(longest)d characters at most.", longest=LONGEST), field)
    folded = password.casefold()
    if is_common(folded):
        raise InvalidInput(_("Many people use this one, so it is tried first. Please choose another."), field)
    if _is_of(folded, email.casefold()):
        raise InvalidInput(_("This is too close to your mail address. Please choose another."), field)


def is_common(folded: str) -> bool:
    """Tell whether a password, in small letters, is one of those that are tried first."""
    if len(set(folded)) <= 3 or any(folded in row for row in _ROWS) or _repeats(folded):
        return True
    spelled = {folded, folded.translate(_LEET)}
    spelled |= {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded), re.sub(r"[\W\d_]+$", "", folded).translate(_LEET)}
    return any(re.sub(r"[\W_]+", "", word) in COMMON for word in spelled) or folded.isdigit()


def _repeats(folded: str) -> bool:
    """Tell whether it is something short, again and again."""
    return any(
        folded == (folded[:size] * (len(folded) // size + 1))[: len(folded)]
        for size in range(1, min(6, len(folded) // 2) + 1)
    )


def _is_of(folded: str, email: str) -> bool:
    """Tell whether it is the mail address, or its first half with a little behind it."""
    local = email.partition("@")[0]
    return folded in (email, email[::-1]) or (len(local) >= 4 and local in folded and len(folded) - len(local) < 6)
