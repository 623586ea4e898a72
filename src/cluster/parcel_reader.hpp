// Parcels of the relay on their stream: a length, then that many bytes.
//
// Pure. Thread: any, one object at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace chorus::cluster {

enum class ParcelError : std::uint8_t { too_large };
CHORUS_ERROR_ENUM(ParcelError)

/// Four bytes of length, little-endian (both ends are of one machine), whose highest bit says that a descriptor comes
/// with the parcel's first byte.
inline constexpr std::size_t parcel_head_size = 4;
std::string parcel_head(std::size_t size, bool with_descriptor);

/// Cuts a stream into parcels. Keeps an incomplete one only; grows with what really arrived.
class ParcelReader {
 public:
  explicit ParcelReader(std::size_t parcel_bytes_max) : parcel_bytes_max_(parcel_bytes_max) {}

  struct Read {
    std::string bytes;
    bool with_descriptor = false;
  };
  /// Consumes from the front of `input` up to the end of one parcel; nothing: all was consumed and more is needed.
  /// An error is final.
  Result<std::optional<Read>, ParcelError> feed(Bytes& input);

 private:
  std::size_t const parcel_bytes_max_;
  std::string head_;
  std::string body_;
  std::size_t size_ = 0;
  bool with_descriptor_ = false;
};

}  // namespace chorus::cluster
