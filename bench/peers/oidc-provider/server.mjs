// node-oidc-provider as bench/peers measures it: its own defaults and in-memory adapter, the clients and the address
// that the environment's PEER names, its development pages for the sign-in. No middleware beside it.
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const peer = JSON.parse(process.env.PEER);

function makeKey(kind, options, alg) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), kid: alg, alg, use: "sig" };
}

const provider = new Provider(peer.issuer, {
  clients: peer.clients.map((client) => ({
    client_id: client.client_id,
    client_secret: peer.secret,
    redirect_uris: [peer.callback],
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    id_token_signed_response_alg: client.algorithm,
  })),
  jwks: {
    keys: [makeKey("rsa", { modulusLength: 2048 }, "RS256"), makeKey("ec", { namedCurve: "P-256" }, "ES256")],
  },
  features: {
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: (ctx, client, token) => token.clientId === client.clientId,
    },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, resource) => {
        const client = peer.clients.find((each) => resource === `https://${each.client_id}.example`);
        return {
          scope: "api",
          audience: resource,
          accessTokenFormat: client.form,
          ...(client.form === "jwt" ? { jwt: { sign: { alg: client.algorithm } } } : {}),
        };
      },
    },
  },
  rotateRefreshToken: true,
});

provider.listen(peer.port, "127.0.0.1");
