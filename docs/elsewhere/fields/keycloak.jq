# Puts what `select` wrote with keycloak.fields into Keycloak's form: credentials, whose data are texts of JSON, and the
# date in milliseconds since 1970.
.users[] |= (
  [
    (select(.password_hash) | {
      type: "password",
      credentialData: ({algorithm: "bcrypt", hashIterations: .password_hash_cost} | tojson),
      secretData: ({value: .password_hash, salt: ""} | tojson)
    }),
    (select(.totp_secret) | {
      type: "otp",
      userLabel: "Auth0",
      credentialData: (
        {subType: "totp", digits: 6, counter: 0, period: 30, algorithm: "HmacSHA1", secretEncoding: "BASE32"} | tojson
      ),
      secretData: ({value: .totp_secret} | tojson)
    })
  ] as $credentials
  | del(.password_hash, .password_hash_cost, .totp_secret)
  | if $credentials == [] then . else .credentials = $credentials end
  | if .createdTimestamp then .createdTimestamp |= (.[0:19] + "Z" | fromdate) * 1000 else . end
)
