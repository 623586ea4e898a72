// Any bytes as a key set and as a token: what is read stays inside them, and nothing that was not signed is let in.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/jwk_set.hpp"
#include "app/jwt_verifier.hpp"
#include "base/base64.hpp"
#include "base/check.hpp"

namespace {

using namespace chorus;
using namespace chorus::app;

std::string const secret(32, 's');

/// The input as a header of a token whose claims are good, and as claims under a good header.
void verify_around(std::string_view text) {
  static auto const verifier = *JwtVerifier::from_key(secret);
  std::string part;
  append_base64url(part, text);
  for (auto const& token :
       {part + ".eyJzdWIiOiJhZGEifQ.AAAA", "eyJhbGciOiJIUzI1NiJ9." + part + ".AAAA", std::string(text)})
    CHORUS_CHECK(!verifier.verify(token, {}, {}), "nobody knows the secret");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::vector<char> const exact(data, data + size);
  std::string_view const text(exact.data(), exact.size());
  if (auto const set = JwkSet::parse(text)) {
    CHORUS_CHECK(set->size() > 0 && set->size() <= JwkSet::keys_max, "a set has keys, within its limit");
    for (auto const algorithm : {JwtAlgorithm::rs256, JwtAlgorithm::ps256, JwtAlgorithm::es256, JwtAlgorithm::eddsa})
      if (auto const* const key = set->find(algorithm, {}))
        CHORUS_CHECK(!key->verifies("text", text), "an input is no signature");
  }
  verify_around(text);
  return 0;
}
