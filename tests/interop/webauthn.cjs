// SPDX-License-Identifier: Apache-2.0

// webauthn checks one NNN.json of `countersign export --format webauthn` with @simplewebauthn/server, of version 9 or later.
//
// usage: node webauthn.cjs FILE       exit status 0 only if the library says that the signature verifies
const fs = require("node:fs");
const { verifyAuthenticationResponse } = require("@simplewebauthn/server");

function bytes(base64url) {
  return new Uint8Array(Buffer.from(base64url, "base64url"));
}

async function main() {
  const given = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  const key = bytes(given.publicKeyCose);
  const result = await verifyAuthenticationResponse({
    response: given.response,
    expectedChallenge: given.challenge,
    expectedOrigin: given.origin,
    expectedRPID: given.rpId,
    requireUserVerification: true,
    credential: { id: given.credentialId, publicKey: key, counter: given.counterBefore },
    authenticator: { credentialID: bytes(given.credentialId), credentialPublicKey: key, counter: given.counterBefore },
  });
  if (!result.verified) {
    throw new Error("the signature does not verify");
  }
}

main().catch((e) => {
  console.error(e.message);
  process.exit(1);
});
