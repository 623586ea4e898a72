#include "base/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace chorus {
namespace {

constexpr int memory_level = 8;  // zlib's default
constexpr int gzip_format = 16;  // added to the window bits
constexpr std::size_t counted_max = std::numeric_limits<uInt>::max();

/// zlib does not write to its input, and says so only in newer versions.
Bytef* input_of(Bytes bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); }
Bytef* output_of(char* out) { return reinterpret_cast<Bytef*>(out); }

/// How zlib is told of a format.
int format_bits(DeflateFormat format, int window_bits) {
  switch (format) {
    case DeflateFormat::raw:
      return -window_bits;
    case DeflateFormat::zlib:
      return window_bits;
    case DeflateFormat::gzip:
      return window_bits + gzip_format;
  }
  return window_bits;
}

}  // namespace

// ---- Deflater

void Deflater::End::operator()(z_stream_s* stream) const {
  deflateEnd(stream);
  delete stream;
}

Deflater::Deflater(Options options) {
  auto stream = std::make_unique<z_stream>();
  int const made = deflateInit2(stream.get(), options.level, Z_DEFLATED,
                                format_bits(options.format, options.window_bits), memory_level, Z_DEFAULT_STRATEGY);
  CHORUS_CHECK(made == Z_OK || made == Z_MEM_ERROR, "a deflater has a level from 1 to 9 and 9 to 15 window bits");
  if (made == Z_MEM_ERROR) throw std::bad_alloc();
  stream_.reset(stream.release());
}

void Deflater::reset() { deflateReset(stream_.get()); }

std::optional<std::size_t> Deflater::flush_into(MutableBytes out, Bytes head, Bytes body) {
  if (std::max({out.size(), head.size(), body.size()}) > counted_max) return std::nullopt;
  z_stream& stream = *stream_;
  stream.next_out = output_of(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  auto const take = [&stream](Bytes piece, int flush) {
    stream.next_in = input_of(piece);
    stream.avail_in = static_cast<uInt>(piece.size());
    ::deflate(&stream, flush);
  };
  if (!head.empty()) take(head, Z_NO_FLUSH);
  take(body, Z_SYNC_FLUSH);
  // No room left: there may be more to come, and a flush that is asked for twice is written twice.
  if (stream.avail_out == 0) return std::nullopt;
  return out.size() - stream.avail_out;
}

std::optional<std::string> Deflater::whole(Bytes data) {
  if (data.size() > whole_bytes_max) return std::nullopt;
  reset();
  z_stream& stream = *stream_;
  std::string out(deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
  stream.next_in = input_of(data);
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = output_of(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int const result = ::deflate(&stream, Z_FINISH);
  CHORUS_CHECK(result == Z_STREAM_END, "deflateBound() is enough for all of it");
  out.resize(out.size() - stream.avail_out);
  return out;
}

// ---- Inflater

void Inflater::End::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

Inflater::Inflater(int window_bits) {
  auto stream = std::make_unique<z_stream>();
  int const made = inflateInit2(stream.get(), -window_bits);
  CHORUS_CHECK(made == Z_OK || made == Z_MEM_ERROR, "an inflater has 8 to 15 window bits");
  if (made == Z_MEM_ERROR) throw std::bad_alloc();
  stream_.reset(stream.release());
}

void Inflater::reset() { inflateReset(stream_.get()); }

Result<std::size_t, InflateError> Inflater::inflate(Bytes& input, MutableBytes out) {
  z_stream& stream = *stream_;
  auto const taken = input.substr(0, counted_max);
  stream.next_in = input_of(taken);
  stream.avail_in = static_cast<uInt>(taken.size());
  stream.next_out = output_of(out.data());
  stream.avail_out = static_cast<uInt>(std::min(out.size(), counted_max));
  auto const room = stream.avail_out;
  int result = Z_OK;
  while (stream.avail_out > 0) {
    result = ::inflate(&stream, Z_SYNC_FLUSH);
    if (result != Z_STREAM_END) break;
    inflateResetKeep(&stream);  // on to the next block; what came before may still be referred to
  }
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) return InflateError::malformed;
  input.remove_prefix(taken.size() - stream.avail_in);
  return room - stream.avail_out;
}

bool Inflater::between_blocks() const {
  constexpr int waits_for_a_block = 128;  // zlib.h, inflate(): what data_type tells
  return (stream_->data_type & waits_for_a_block) != 0;
}

}  // namespace chorus
