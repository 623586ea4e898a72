#include "cluster/parcel_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace chorus::cluster {
namespace {

constexpr std::uint32_t descriptor_bit = 1u << 31;

}  // namespace

std::string parcel_head(std::size_t size, bool with_descriptor) {
  CHORUS_CHECK(size < descriptor_bit, "a parcel is too large for its head");
  auto const word = static_cast<std::uint32_t>(size) | (with_descriptor ? descriptor_bit : 0);
  std::string head;
  for (int byte = 0; byte < 4; ++byte) head += static_cast<char>(word >> (8 * byte) & 0xff);
  return head;
}

Result<std::optional<ParcelReader::Read>, ParcelError> ParcelReader::feed(Bytes& input) {
  auto const take = [&](std::string& to, std::size_t wanted) {
    std::size_t const n = std::min(wanted - to.size(), input.size());
    to.append(input.substr(0, n));
    input.remove_prefix(n);
    return to.size() == wanted;
  };
  if (head_.size() < parcel_head_size) {
    if (!take(head_, parcel_head_size)) return std::nullopt;
    std::uint32_t word = 0;
    for (int byte = 0; byte < 4; ++byte) word |= std::uint32_t{static_cast<unsigned char>(head_[byte])} << (8 * byte);
    with_descriptor_ = (word & descriptor_bit) != 0;
    size_ = word & ~descriptor_bit;
    if (size_ > parcel_bytes_max_) {
      head_.clear();
      return ParcelError::too_large;
    }
  }
  if (!take(body_, size_)) return std::nullopt;
  head_.clear();
  return Read{std::exchange(body_, {}), with_descriptor_};
}

}  // namespace chorus::cluster
