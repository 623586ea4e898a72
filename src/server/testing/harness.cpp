#include "server/testing/harness.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "base/check.hpp"
#include "base/worker_bound.hpp"
#include "chorus/server.hpp"

namespace chorus::server {
namespace {

/// When the first client comes: the same for every run.
constexpr auto world_begins = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

std::string encoded(std::string_view text) {
  std::string out;
  for (char const c : text) {
    auto const u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || Bytes("-._~").find(c) != Bytes::npos) {
      out += c;
    } else {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02X", u);
      out += hex;
    }
  }
  return out;
}

Handshake::Request request_of(FakeClientOptions const& options, std::string const& path, Duration elapsed) {
  Handshake::Request::Parts parts;
  for (auto const& [name, value] : options.headers) parts.headers.emplace_back(lower_case(name), value);
  parts.query = {{"EIO", "4"}, {"transport", "websocket"}};
  parts.query.insert(parts.query.end(), options.query.begin(), options.query.end());
  std::string url = path;
  for (auto const& [name, value] : parts.query)
    url += (url.size() == path.size() ? "?" : "&") + encoded(name) + "=" + encoded(value);
  parts.url = url;
  parts.address = options.address;
  parts.issued = world_begins + std::chrono::duration_cast<std::chrono::system_clock::duration>(elapsed);
  return Handshake::Request(parts);
}

}  // namespace

HarnessBody::HarnessBody(Runtime& runtime) : runtime_(runtime) {
  auto& shared = runtime.shared();
  if (shared.redis) throw std::runtime_error("redis.url: there are no other nodes in a Harness");
  for (unsigned i = 0; i < shared.workers; ++i) workers_.push_back(std::make_unique<FakeWorker>(i, shared));
  shared.bus->set_helpers([this](std::function<void()> work) {
    offloaded_.push_back(std::move(work));
    return true;
  });
  shared.bus->open([this](unsigned worker, socket::Letter letter) { workers_[worker]->post(std::move(letter)); },
                   [](unsigned) {});
  std::vector<socket::HubCounters const*> counters;
  for (auto const& worker : workers_) counters.push_back(&worker->counters());
  runtime_.begin_test(std::move(counters));
  began_ = now_ = workers_.front()->now();
}

HarnessBody::~HarnessBody() {
  for (auto const& client : clients_) client->house_ends();
  runtime_.shared().bus->close();
  runtime_.shared().bus->set_helpers(nullptr);
  runtime_.end_test();
}

std::shared_ptr<FakeClientBody> HarnessBody::connect(FakeClientOptions options) {
  auto client = std::make_shared<FakeClientBody>(*this, std::move(options));
  clients_.push_back(client);
  client->connect();
  return client;
}

std::shared_ptr<FakeLink> HarnessBody::open(FakeClientOptions const& options) {
  CHORUS_CHECK(current_turn == nullptr, "a fake client connects outside of handlers");
  auto& shared = runtime_.shared();
  if (options.worker) {
    CHORUS_CHECK(*options.worker < shared.workers, "a fake client was to land on a worker that there is not");
    shared.placement.take_at(*options.worker);
  }
  auto const worker = options.worker ? *options.worker : shared.placement.take(0);
  auto link = std::make_shared<FakeLink>();
  workers_[worker]->open(link, request_of(options, shared.mounts.front().path, elapsed()));
  return link;
}

void HarnessBody::settle() {
  if (settling_ || current_turn != nullptr) return;
  settling_ = true;
  std::size_t rounds = 0;
  while (work() || fire_until(now_)) CHORUS_CHECK(++rounds < rounds_max, "what was to settle goes on for ever");
  settling_ = false;
}

/// One round: what waits for each worker, and for each client.
bool HarnessBody::work() {
  bool worked = run_offloaded();
  for (auto const& worker : workers_) worked |= worker->work();
  for (std::size_t i = 0; i < clients_.size(); ++i) worked |= clients_[i]->listen();
  return worked;
}

bool HarnessBody::run_offloaded() {
  auto const all = std::exchange(offloaded_, {});
  for (auto const& work : all) work();
  return !all.empty();
}

bool HarnessBody::fire_until(TimePoint end) {
  std::optional<TimePoint> next;
  for (auto const& worker : workers_)
    if (auto const deadline = worker->next_deadline(); deadline && *deadline <= end && (!next || *deadline < *next))
      next = deadline;
  if (!next) return false;
  now_ = std::max(now_, *next);
  for (auto const& worker : workers_) worker->pass_to(now_);
  return true;
}

void HarnessBody::advance(Duration time) {
  CHORUS_CHECK(current_turn == nullptr, "time is moved outside of handlers");
  settle();
  TimePoint const end = now_ + time;
  while (fire_until(end)) settle();
  now_ = end;
  for (auto const& worker : workers_) worker->pass_to(now_);
}

}  // namespace chorus::server

// ---- the public face
// -------------------------------------------------------------------------------------------------

namespace chorus {

Harness::Harness(Server& server) : body_(std::make_shared<server::HarnessBody>(*server.runtime_)) {}
Harness::~Harness() = default;

FakeClient Harness::connect(FakeClientOptions options) { return FakeClient(body_->connect(std::move(options))); }
void Harness::advance(std::chrono::milliseconds time) { body_->advance(time); }
std::chrono::milliseconds Harness::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(body_->elapsed());
}
void Harness::settle() { body_->settle(); }

}  // namespace chorus
