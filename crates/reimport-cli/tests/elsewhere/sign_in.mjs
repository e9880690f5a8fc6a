// Signs in at Better Auth as the imported users of testdata/elsewhere, whose password is known.
import assert from "node:assert/strict";
import { createOTP } from "@better-auth/utils/otp";
import { base32 } from "@better-auth/utils/base32";
import { auth } from "./auth.mjs";

// Each user has another password, so that a hash at another user is found.
const PASSWORDS = { ada: "Correct-Horse-1!", bo: "Correct-Horse-2!", dev: "Correct-Horse-4!", eve: "Correct-Horse-5!" };
const WRONG = "Correct-Horse-6!";
const TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

// Returns the answer to a sign-in, or its error.
async function signIn(name, password) {
  try {
    const { response, headers } = await auth.api.signInEmail({
      body: { email: `${name}@x.example`, password },
      returnHeaders: true,
    });
    return { ...response, headers };
  } catch (error) {
    return { error: error.body?.code ?? error.message };
  }
}

// The password before the migration is still the right one, for both forms of bcrypt hashes, and no other is.
for (const name of ["bo", "dev"]) {
  const { user, token, error } = await signIn(name, PASSWORDS[name]);
  assert.equal(user?.email, `${name}@x.example`, error);
  assert.ok(token, name);
  for (const wrong of [WRONG, PASSWORDS.ada]) {
    assert.equal((await signIn(name, wrong)).error, "INVALID_EMAIL_OR_PASSWORD");
  }
}
// A blocked user, a social user without a password, and a user who was not imported.
assert.equal((await signIn("eve", PASSWORDS.eve)).error, "BANNED_USER");
assert.equal((await signIn("eve", WRONG)).error, "INVALID_EMAIL_OR_PASSWORD");
assert.equal((await signIn("cleo", PASSWORDS.ada)).error, "INVALID_EMAIL_OR_PASSWORD");
assert.equal((await signIn("nobody", PASSWORDS.ada)).error, "INVALID_EMAIL_OR_PASSWORD");

// A second factor: the authenticator app of the user still has the right code.
async function secondFactor(code) {
  const { twoFactorRedirect, headers } = await signIn("ada", PASSWORDS.ada);
  assert.equal(twoFactorRedirect, true);
  const cookie = headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
  return auth.api.verifyTOTP({ body: { code }, headers: new Headers({ cookie }) });
}
const code = await createOTP(base32.decode(TOTP)).totp();
const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
await assert.rejects(secondFactor(wrong), (error) => error.body?.code === "INVALID_CODE");
assert.equal((await secondFactor(code)).user.email, "ada@x.example");

// The social accounts belong to their users, so that a social sign-in finds them.
const { adapter, internalAdapter } = await auth.$context;
const owner = async (accountId) => (await adapter.findOne({ model: "account", where: [{ field: "accountId", value: accountId }] })).userId;
assert.equal(await owner("104880000000000000017"), "google-oauth2|104880000000000000017");
assert.equal(await owner("104880000000000000034"), "auth0|64f0a1b2c3d4e5f607182934");
assert.equal((await internalAdapter.listUsers(100)).length, 5);
console.log("Better Auth: 5 users imported, sign-ins and a second factor checked");
