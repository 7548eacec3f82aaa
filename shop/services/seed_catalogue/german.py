"""The catalogue's texts in German, by slug."""

from __future__ import annotations

from collections.abc import Mapping

from shop.services.seed_catalogue.entry import Text

TEXTS: Mapping[str, Text] = {
    "harbour-breakfast": Text(
        "Hafenfrühstück",
        "Assam und Hochland-Ceylon, gemischt für Wetter und Milch.",
        "Der Tee, den der Kai um sechs trinkt. Ein Assam der zweiten Pflückung gibt ihm Malz und eine dunkle Tasse, "
        "ein wenig Hochland-Ceylon hält ihn wach. Er verzeiht hartes Wasser, langes Ziehen und eine eilige Kanne, und "
        "er nimmt Milch an, ohne blass zu werden.",
        {"origin": "Assam, Indien, und Dimbula, Sri Lanka", "taste": "Malz, getrocknete Orangenschale, Toast"},
    ),
    "first-flush-darjeeling": Text(
        "Darjeeling First Flush",
        "In der letzten Märzwoche gepflückt und von niemandem eingeflogen: Er kam über See und ruhte unterwegs.",
        "Hell in der Tasse und beinahe grün. Das Blatt ist groß und locker gerollt und riecht nach Heu und "
        "Aprikosenstein. Brühen Sie ihn etwas kühler als einen Frühstückstee und hören Sie früh auf: In drei Minuten "
        "hat er alles gesagt.",
        {"origin": "Kurseong, Darjeeling, Indien", "taste": "Muskateller, Aprikosenstein, frisches Heu"},
    ),
    "keemun-hao-ya": Text(
        "Keemun Hao Ya",
        "Ein weiniger Schwarztee aus Anhui, am Ende Kakao.",
        "Feines, drahtiges Blatt und eine Tasse von der Farbe alten Mahagonis. Keemun war für die See gemacht: der "
        "Schwarztee, der auf dem langen Weg nach London seinen Duft behielt. Unserer nimmt noch immer den langen Weg "
        "und gewinnt dabei.",
        {"origin": "Qimen, Anhui, China", "taste": "Kakao, Pflaumenhaut, ferner Kiefernrauch"},
    ),
    "assam-second-flush": Text(
        "Assam Second Flush",
        "Ein Garten am Brahmaputra, gepflückt in den drei besten Wochen des Juni.",
        "Goldene Spitzen in dunklem Blatt und eine Tasse, die nach Malz und warmem Holz riecht. Er ist kräftig, ohne "
        "rau zu sein; Sie können ihn ohne Milch trinken, mit Milch schmeckt er nach Karamell. Ein Löffel mehr ergibt "
        "die Kanne für schlechtes Wetter.",
        {"origin": "Dibrugarh, Assam, Indien", "taste": "Malz, Karamell, Zedernholz"},
    ),
    "smoke-on-the-water": Text(
        "Rauch überm Wasser",
        "Lapsang Souchong aus Tongmu, über Kiefernholz getrocknet und dann in Ruhe gelassen.",
        "Der Rauch ist echt: Er kommt von langsamen Kiefernfeuern unter den Bambusböden des Trockenhauses. Wir lassen "
        "den Tee ein halbes Jahr ruhen, bis das Feuer hinter der Frucht steht und nicht davor. Gut zu Käse und bei "
        "Regen.",
        {"origin": "Tongmu, Wuyi-Gebirge, China", "taste": "Kiefernrauch, getrocknete Longan, Leder"},
    ),
    "elbe-grey": Text(
        "Elbe Grey",
        "Hochland-Ceylon mit dem Öl kalabrischer Bergamotten und sonst nichts.",
        "Ein Earl Grey für alle, die Earl Grey aufgegeben haben. Wir nehmen das gepresste Öl winterlicher "
        "Bergamotten, und davon so wenig, dass der Tee zuerst spricht. Die blauen Blüten überlassen wir anderen.",
        {"origin": "Nuwara Eliya, Sri Lanka", "taste": "Bergamotte, helle Zitrusschale, Honig"},
    ),
    "sencha-of-the-tides": Text(
        "Sencha der Gezeiten",
        "Lang gedämpfter Sencha aus Gärten mit Blick auf die Suruga-Bucht.",
        "Lange gedämpft, darum ist das Blatt gebrochen und die Tasse trüb und sehr grün. Es liegt Salzluft darin, so "
        "denken wir gern: Die Gärten stehen in Sichtweite des Wassers. Lassen Sie das Wasser nicht kochen; achtzig "
        "Grad kosten die Süße.",
        {"origin": "Makinohara, Shizuoka, Japan", "taste": "Nori, junge Erbsen, klare Süße"},
    ),
    "dragon-well": Text(
        "Drachenbrunnen",
        "Longjing, vor dem Regen von Hand in der Pfanne flach gedrückt.",
        "Jedes Blatt ist eine kleine Klinge, gegen heißes Eisen gedrückt, bis es nach Maronen duftet. Gepflückt vor "
        "Qingming, solange die Knospen fest sind. Ein hohes Glas genügt; gießen Sie zweimal nach.",
        {"origin": "Westsee, Hangzhou, China", "taste": "Marone, süßes Gras, Butter"},
    ),
    "gyokuro-shade": Text(
        "Gyokuro, drei Wochen Schatten",
        "Einundzwanzig Tage unter Stroh gewachsen und kaum wärmer als eine Hand gebrüht.",
        "Der Schatten macht das Blatt dunkel und die Tasse dicht, fast wie eine Brühe. Nehmen Sie viel Blatt, wenig "
        "Wasser und Geduld; der zweite Aufguss ist grüner, der dritte erfrischt. Essen Sie die Blätter danach, mit "
        "einem Tropfen Sojasauce.",
        {"origin": "Yame, Fukuoka, Japan", "taste": "Umami, Meersalat, süßer Rahm"},
    ),
    "jasmine-pearls": Text(
        "Jasminperlen",
        "Von Hand gerollt, in sieben Nächten mit frischem Jasmin beduftet.",
        "Die Blüten öffnen sich nachts; darum liegt der Tee abends zwischen ihnen und wird morgens herausgenommen, "
        "siebenmal. Aroma kommt keines dazu. Sehen Sie zu, wie sich die Perlen entrollen; das ist der halbe Grund für "
        "ein Glas.",
        {"origin": "Fuzhou, Fujian, China", "taste": "Jasmin, Birne, süße Mandel"},
    ),
    "kitchen-genmaicha": Text(
        "Küchen-Genmaicha",
        "Sommer-Bancha und gerösteter Reis: der Tee, der immer auf dem Tisch steht.",
        "Halb Blatt, halb brauner Reis, geröstet, bis einige Körner aufspringen. Er riecht nach dem Ende eines guten "
        "Essens und ist mild genug für den Abend. Kochendes Wasser schadet ihm nicht, was sonst keiner unserer "
        "Grüntees sagt.",
        {"origin": "Uji, Kyoto, Japan", "taste": "gerösteter Reis, Haselnuss, frisches Brot"},
    ),
    "matcha-first-light": Text(
        "Matcha Erstes Licht",
        "In Uji auf Stein gemahlen, vierzig Gramm die Stunde, um ihn pur zu trinken.",
        "Eine Mühle aus Granit dreht sich langsam; so bleibt das Pulver kühl und behält seine Farbe. Sieben Sie zwei "
        "Gramm in eine warme Schale, geben Sie wenig Wasser dazu, das nicht mehr kocht, und schlagen Sie, bis der "
        "Schaum fein ist. Geöffnet kühl aufbewahren.",
        {"origin": "Wazuka, Uji, Japan", "taste": "frischer Rahm, junges Blatt, weiße Schokolade"},
    ),
    "iron-goddess": Text(
        "Eiserne Göttin",
        "Tieguanyin, auf alte Art in drei Gängen über Holzkohle geröstet.",
        "Das meiste unter diesem Namen ist grün und blumig. Dieser ist von der älteren Art: langsam über Longan- "
        "Holzkohle geröstet, geruht und wieder geröstet. Er öffnet sich über sechs oder sieben kurze Aufgüsse, von "
        "der Nuss bis zur Orchidee.",
        {"origin": "Anxi, Fujian, China", "taste": "geröstete Haselnuss, Orchidee, warmer Stein"},
    ),
    "oriental-beauty": Text(
        "Schönheit des Ostens",
        "Im Juli von Zikaden gebissen und darum süßer.",
        "Ein kleines grünes Insekt beißt die Triebe; die Pflanze wehrt sich mit Duft, und der Tee schmeckt nach Honig "
        "und reifem Pfirsich. Man kann ihn nicht spritzen und nicht drängen, und die Ernte ist nie groß.",
        {"origin": "Emei, Hsinchu, Taiwan", "taste": "Wildhonig, reifer Pfirsich, Zimtrinde"},
    ),
    "dong-ding-winter": Text(
        "Dong Ding, Winterernte",
        "Noch auf dem Wasser: im November gepflückt, im Dezember geröstet, im März hier.",
        "Das Winterblatt wächst langsam und ist dicker, die Tasse auch. Unser Röster arbeitet drei Nächte daran und "
        "schickt ihn, wenn er geruht hat. Sie können ihn heute bestellen; er verlässt unser Haus an dem Tag, an "
        "dem er ankommt.",
        {"origin": "Lugu, Nantou, Taiwan", "taste": "Marone, braune Butter, Gardenie"},
    ),
    "silver-needle": Text(
        "Silbernadel",
        "Nur Knospen, in der Sonne eines einzigen Frühlings getrocknet.",
        "Ganze Knospen unter silbernem Flaum, im Freien gewelkt und sonst in Ruhe gelassen. Die Tasse ist blass wie "
        "Stroh; der Geschmack kommt spät und bleibt lange. Geben Sie ihm Zeit: Sieben Minuten sind nicht zu viel.",
        {"origin": "Fuding, Fujian, China", "taste": "Melone, Heu, Akazienhonig"},
    ),
    "white-peony": Text(
        "Weiße Pfingstrose",
        "Knospe und zwei Blätter, drei Tage gewelkt und sonst in Frieden gelassen.",
        "Runder und großzügiger als die Silbernadel, mit etwas Herbst darin. Er reift gut: Legen Sie einen Beutel weg "
        "und vergessen Sie ihn zwei Jahre. Bis dahin ist er ein feiner kalter Tee, über Nacht gezogen.",
        {"origin": "Zhenghe, Fujian, China", "taste": "weiße Blüten, Aprikose, frisches Stroh"},
    ),
    "night-watch": Text(
        "Nachtwache",
        "Rooibos, Fenchel und Süßholz: für die Stunden, in denen die Tide kippt und Sie schlafen sollten.",
        "Kein Teeblatt darin und nichts, das wach hält. Rooibos aus den Zederbergen macht ihn rot und rund, Fenchel "
        "wärmt ihn, und Süßholz süßt ihn so, dass nichts anderes es tun muss.",
        {"origin": "Cederberg, Südafrika", "taste": "rote Früchte, Fenchel, Süßholz"},
    ),
    "harbour-mint": Text(
        "Hafenminze",
        "Nanaminze und Grüne Minze, im Schatten getrocknet, damit sie grün bleiben.",
        "Zwei Minzen, ganze Blätter, keine Stiele. Nana bringt die kühle Kante, die Grüne Minze die Süße. Gießen Sie "
        "kochendes Wasser auf eine Handvoll und warten Sie; im Sommer gießen Sie ihn über Eis.",
        {"origin": "Meknès, Marokko", "taste": "kühle Minze, grüner Apfel, Klee"},
    ),
    "dike-chamomile": Text(
        "Kamille vom Deich",
        "Ganze Blüten aus der Marsch hinterm Deich, von Hand gekämmt.",
        "Der nächste unserer Gärten: vierzig Kilometer flussab. Nur die Köpfe werden genommen, an trockenen Morgen, "
        "und auf Leinen getrocknet. Sie riecht nach Äpfeln und Heu und beendet einen langen Tag.",
        {"origin": "Kehdingen, Niedersachsen, Deutschland", "taste": "Apfel, Heu, Honigwabe"},
    ),
    "tokoname-pot": Text(
        "Tokoname-Kanne mit Seitengriff",
        "Unglasierter roter Ton, dünn gedreht, das Sieb in die Wand geschnitten.",
        "Eine Kyusu für einen, der sorgsam trinkt, oder zwei, die schnell trinken. Der Ton bleibt innen roh und nimmt "
        "über die Jahre Ihren Tee an; bleiben Sie darum bei einer Sorte. Der Deckel ist auf seine Kanne geschliffen; "
        "bitte nicht vertauschen.",
        {
            "origin": "Tokoname, Aichi, Japan",
            "material": "Shudei-Ton, unglasiert",
            "care": "Nur mit heißem Wasser spülen, ohne Deckel trocknen.",
        },
    ),
    "lidded-bowl": Text(
        "Deckelschale",
        "Ein Gaiwan aus weißem Jingdezhen-Porzellan, so dünn, dass die Finger durchscheinen.",
        "Deckel, Schale und Untertasse: Himmel, Mensch und Erde, wenn Sie den Töpfer fragen. Sie brüht alles und "
        "merkt sich nichts; wer nur ein Stück besitzen will, nimmt dieses.",
        {
            "origin": "Jingdezhen, Jiangxi, China",
            "material": "Porzellan, klare Glasur",
            "care": "Für die Spülmaschine; nicht auf den Herd.",
        },
    ),
    "porcelain-pot": Text(
        "Porzellankanne",
        "Eine rundbauchige Kanne, die bis zum letzten Tropfen gießt und nicht kleckert.",
        "Vor dieser Tülle haben wir elf andere versucht. Der Deckel bleibt beim Kippen liegen, der Griff bleibt kühl, "
        "und durch die Öffnung passt eine Hand mit Tuch. Für drei Tassen oder zwei Menschen, die sich mögen.",
        {"origin": "Selb, Bayern, Deutschland", "material": "Hartporzellan", "care": "Für die Spülmaschine geeignet."},
    ),
    "glass-cups": Text(
        "Zwei Glasbecher",
        "Dünn geblasen, doppelwandig: Der Tee bleibt heiß, die Finger nicht.",
        "Ein Paar, denn Tee allein ist nur ein halbes Gespräch. Aus Laborglas, darum ist kochendes Wasser willkommen.",
        {"origin": "Jablonec, Tschechien", "material": "Borosilikatglas", "care": "Von Hand, mit weicher Bürste."},
    ),
    "bamboo-whisk": Text(
        "Bambusbesen",
        "Ein Chasen mit achtzig Zinken, aus einem Stück weißem Bambus gespalten.",
        "Für Matcha gibt es kein anderes Werkzeug: Eine Gabel macht Klumpen, eine Maschine Lärm. Weichen Sie die "
        "Zinken vor dem ersten Tee eine Minute ein, schlagen Sie aus dem Handgelenk und lassen Sie ihn stehend "
        "trocknen.",
        {
            "origin": "Takayama, Nara, Japan",
            "material": "Weißer Bambus",
            "care": "In warmem Wasser spülen, ohne Seife.",
        },
    ),
    "winter-bowl": Text(
        "Winterschale",
        "Eine tiefe Matchaschale mit einer Ascheglasur, die lief, wohin sie wollte.",
        "Tief genug für die Wärme, weit genug für den Besen. Jede hat eine andere Gezeitenlinie, dort, wo die Glasur "
        "im Ofen zur Ruhe kam; wir schicken die nächste in der Reihe.",
        {
            "origin": "Shigaraki, Shiga, Japan",
            "material": "Steinzeug, Ascheglasur",
            "care": "Vor Gebrauch wärmen, von Hand spülen.",
        },
    ),
    "cherry-caddy": Text(
        "Dose aus Kirschrinde",
        "Zwei Deckel und eine Haut aus Bergkirsche: Darin hält Tee ein Jahr.",
        "Kabazaiku, die Rindenarbeit aus Kakunodate, wird mit Leim und heißem Eisen auf Holz gelegt. Innen sitzt ein "
        "zweiter Deckel mit Knauf. Die Rinde wird dunkler und glatter, je öfter Sie zugreifen.",
        {
            "origin": "Kakunodate, Akita, Japan",
            "material": "Holz, Rinde der Wildkirsche",
            "care": "Ein trockenes Tuch und Ihre Hände.",
        },
    ),
    "fine-strainer": Text(
        "Feines Sieb",
        "Ein Korb aus Stahl, so fein, dass selbst Rooibos bleibt, wo er hingehört.",
        "Er reicht bis zum Boden der Tasse, damit die Blätter Platz haben. Zwei kleine Flügel halten ihn auf jedem "
        "Rand.",
        {"origin": "Tsubame, Niigata, Japan", "material": "Edelstahl", "care": "Für die Spülmaschine geeignet."},
    ),
    "measuring-scoop": Text(
        "Teemaß",
        "Drei Gramm gestrichen; fünf, wenn Sie großzügig sind.",
        "Aus Olivenholz gedreht, darum hat keines dieselbe Maserung. Es hängt am Rand der Dose und rutscht nicht "
        "hinein.",
        {
            "origin": "Imperia, Ligurien, Italien",
            "material": "Olivenholz, geölt",
            "care": "Abwischen; einmal im Jahr ölen.",
        },
    ),
    "first-voyage": Text(
        "Erste Reise",
        "Sechs kleine Dosen, eine von jeder Küste, die wir anlaufen.",
        "Hafenfrühstück, Keemun, Sencha, Eiserne Göttin, Weiße Pfingstrose und Nachtwache, je zehn Gramm, dazu eine "
        "Karte, auf der steht, wie man sie brüht. So haben die meisten unserer Kunden begonnen, und so würden wir es "
        "auch tun.",
        {
            "origin": "Indien, China, Japan, Südafrika",
            "taste": "Malz, Kakao, Nori, geröstete Nuss, Aprikose, rote Früchte",
            "contents": "Sechs Tees, je 10 g",
        },
    ),
    "green-coast": Text(
        "Grüne Küste",
        "Fünf Grüntees von den Küsten Japans und Chinas.",
        "Sencha, Gyokuro, Genmaicha, Drachenbrunnen und Jasminperlen, je zwölf Gramm. Trinken Sie sie in dieser "
        "Reihenfolge, und Sie sind von der Suruga-Bucht nach Fuzhou gereist.",
        {
            "origin": "Japan und China",
            "taste": "Nori, Umami, gerösteter Reis, Marone, Jasmin",
            "contents": "Fünf Tees, je 12 g",
        },
    ),
    "long-evening-box": Text(
        "Ein langer Abend",
        "Eine Kiste für jemanden, der ihn braucht: zwei Tees, Honig und nichts zu tun.",
        "Nachtwache und Kamille vom Deich in Dosen, dazu ein Glas Lindenblütenhonig aus derselben Marsch. In "
        "Strohpappe gepackt und mit Baumwolle verschnürt.",
        {
            "origin": "Südafrika und Deutschland",
            "taste": "rote Früchte, Apfel, Lindenblütenhonig",
            "contents": "Nachtwache 60 g, Kamille 40 g, Honig 125 g",
        },
    ),
}
