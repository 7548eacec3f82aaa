/**
 * The hidden frame through which stripe.js talks to the API: the merchant's page needs no permission to connect anywhere.
 */
import { requestApi } from "../shared/api.js";
import { frameParameters, Wire } from "../shared/wire.js";

const { channel, origin, key, account } = frameParameters();
const wire = new Wire(() => window.parent, origin, channel, {
  /** @param {{method: "GET"|"POST", path: string, parameters: object}} request */
  request: ({ method, path, parameters }) => {
    if (!path.startsWith("/v1/")) throw new Error(`${path} is not part of the API.`);
    return requestApi({ key: String(key), account }, method, path, parameters);
  },
});
wire.hello();
