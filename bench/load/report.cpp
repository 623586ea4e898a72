#include "load/report.hpp"

#include <cstdarg>
#include <cstdio>

namespace load {
namespace {

[[gnu::format(printf, 1, 2)]] std::string format(char const* pattern, ...) {
  char text[1024];
  std::va_list values;
  va_start(values, pattern);
  std::vsnprintf(text, sizeof text, pattern, values);
  va_end(values);
  return text;
}

double per_second(Report const& r) { return r.seconds > 0 ? static_cast<double>(r.delivered) / r.seconds : 0; }

/// What makes the load: messages in flight, or per second.
std::string pace_of(Options const& o) { return o.rate > 0 ? format("%g/s", o.rate) : format("w%zu", o.window); }

unsigned long long whole(std::uint64_t value) { return value; }

std::string to_text(Quantiles const& q) {
  return format("p50 %.0f p99 %.0f p99.9 %.0f max %.0f us", q.p50_us, q.p99_us, q.p999_us, q.max_us);
}

}  // namespace

std::string to_text(Options const& o, Report const& r) {
  std::string text = format(
      "%s %zuc %zuB %s: %.3f + %.3f us/message (server %.0f %%, generator %.0f %%, others %.0f %%), %.0f/s, "
      "%s, connect %.0f us %.0f B",
      name_of(o.kind), o.connections, o.payload_bytes, pace_of(o).c_str(), r.cpu_us_per_message, r.apart_us_per_message,
      r.server_busy * 100, r.generator_busy * 100, r.foreign_busy * 100, per_second(r), to_text(r.latency).c_str(),
      r.cpu_us_per_connect, r.bytes_per_connection);
  if (o.kind == Kind::connect) text += format(", %.0f %% left", r.memory_left * 100);
  if (o.rate > 0) text += format(", sent late p99 %.0f us", r.late.p99_us);
  if (r.in_server) text += ", in the server " + to_text(*r.in_server);
  if (r.faults.sum() == 0) return text + ", all delivered";
  return text + format(", LOST %llu, OUT OF ORDER %llu, DOUBLED %llu, MISDIRECTED %llu, DAMAGED %llu",
                       whole(r.faults.lost), whole(r.faults.out_of_order), whole(r.faults.doubled),
                       whole(r.faults.misdirected), whole(r.faults.damaged));
}

std::string to_json(Options const& o, Report const& r) {
  return format(
             "{\"load\":\"%s\",\"connections\":%zu,\"payload_bytes\":%zu,\"window\":%zu,\"rate\":%g,\"group_size\":%zu,"
             "\"senders\":%zu,\"seconds\":%.3f,\"delivered\":%llu,\"per_second\":%.0f,",
             name_of(o.kind), o.connections, o.payload_bytes, o.window, o.rate, o.group_size, o.senders, r.seconds,
             whole(r.delivered), per_second(r)) +
         format(
             "\"cpu_us_per_message\":%.4f,\"apart_us_per_message\":%.4f,\"cpu_us_per_connect\":%.1f,\"bytes_per_"
             "connection\":%.0f,\"memory_left\":%.4f,"
             "\"server_busy\":%.3f,\"generator_busy\":%.3f,\"foreign_busy\":%.3f,",
             r.cpu_us_per_message, r.apart_us_per_message, r.cpu_us_per_connect, r.bytes_per_connection, r.memory_left,
             r.server_busy, r.generator_busy, r.foreign_busy) +
         "\"latency\":" + to_json(r.latency) + ",\"late\":" + to_json(r.late) +
         (r.in_server ? ",\"in_server\":" + to_json(*r.in_server) : "") +
         format(
             ",\"sent\":%llu,\"lost\":%llu,\"out_of_order\":%llu,\"doubled\":%llu,\"misdirected\":%llu,"
             "\"damaged\":%llu}",
             whole(r.sent), whole(r.faults.lost), whole(r.faults.out_of_order), whole(r.faults.doubled),
             whole(r.faults.misdirected), whole(r.faults.damaged));
}

}  // namespace load
