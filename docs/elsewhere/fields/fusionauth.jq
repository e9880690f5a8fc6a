# Completes what `select` wrote with fusionauth.fields: the form of dates and of TOTP secrets, and no scheme without a hash.

# Milliseconds since 1970 of a date such as 2024-05-05T05:05:05.050Z.
def milliseconds: (.[0:19] + "Z" | fromdate) * 1000;

# Base64 of the bytes that a text in Base32 encodes.
def base32_to_base64:
  def bits($count): [range($count - 1; -1; -1) as $bit | (. / pow(2; $bit) | floor) % 2];
  ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" | explode) as $base32
  | ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" | explode) as $base64
  | explode | map(. as $char | $base32 | index($char) | bits(5)) | add
  | .[: (length / 8 | floor) * 8]
  | [range(0; length; 6) as $at | .[$at : $at + 6] + [0, 0, 0, 0, 0] | .[: 6]]
  | map(reduce .[] as $bit (0; . * 2 + $bit) | $base64[.])
  | implode + ["", "", "==", "="][length % 4];

.users[] |= (
  (if .password then . else del(.encryptionScheme) end)
  | (if .insertInstant then .insertInstant |= milliseconds else . end)
  | (if .twoFactor then .twoFactor.methods[0].secret |= base32_to_base64 else . end)
)
