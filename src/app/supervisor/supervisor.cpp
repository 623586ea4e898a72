#include "app/supervisor/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <list>
#include <map>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "app/serve.hpp"
#include "app/supervisor/child_orders.hpp"
#include "app/supervisor/control_socket.hpp"
#include "app/supervisor/crew.hpp"
#include "app/supervisor/crew_log.hpp"
#include "app/supervisor/ground.hpp"
#include "app/supervisor/private_redis.hpp"
#include "app/supervisor/processes.hpp"
#include "app/supervisor/runtime_folder.hpp"
#include "base/log.hpp"

namespace chorus::app {
namespace {

using Kind = Channel::Received::Kind;

constexpr std::size_t askers_max = 32;  ///< at the control socket, at once
/// For a process to say its numbers to whoever asks for the status.
constexpr Duration stats_limit = std::chrono::seconds(1);

server::FileDescriptor watch_signals() {
  // Whoever started us may have ignored them, as nohup does; an ignored signal would never come.
  for (int const signal : {SIGCHLD, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  sigset_t signals;
  sigemptyset(&signals);
  for (int const signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  server::FileDescriptor descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor) throw std::system_error(errno, std::generic_category(), "watching signals");
  return descriptor;
}

CrewOptions crew_options(Config const& config, Ground const& ground) {
  CrewOptions options;
  options.slots = config.processes;
  options.incarnations = ground.incarnations;
  options.ready_limit = config.start_timeout;
  options.drain_limit = config.server.drain_timeout;
  options.all_or_nothing = ground.predecessor.has_value();
  return options;
}

/// Thread: main's. The decisions are Crew's; here is what it takes to carry them out.
class Supervisor {
 public:
  Supervisor(Config const& config, std::vector<std::string> const& arguments)
      : config_(config),
        arguments_(arguments),
        program_(program_path(arguments.front())),
        signals_(watch_signals()),
        ground_(prepare_ground(config)),
        crew_(crew_options(config, ground_)) {
    if (!ground_.predecessor) open_control();
    if (config.processes > 1 && config.redis.empty()) make_redis();
  }

  ~Supervisor() {
    redis_.reset();
    if (control_) remove_instance_folder(ground_.instance_folder);  // else it is a successor's, too
  }
  Supervisor(Supervisor const&) = delete;
  Supervisor& operator=(Supervisor const&) = delete;

  int run();

 private:
  /// A process of ours, from its start to its end.
  struct Child {
    std::optional<Channel> channel;  // nothing: it has closed it
    std::optional<StatsMessage> stats;
    bool stats_awaited = false;
    std::optional<std::string> node;  // its name in the cluster, once it serves
  };
  /// Somebody at the control socket.
  struct Asker {
    Channel channel;
    std::optional<TimePoint> answer_at;  // of a status: when numbers that are still missing stay so
    bool is_successor = false;
    bool gone = false;
  };

  void make_redis();
  void open_control();
  void begin();
  bool is_over();

  // One turn of the loop.
  void wait() const;
  std::optional<TimePoint> next_deadline() const;
  void take_signals();
  void take_ended();
  void on_ended(Ended const& ended);
  void hear_children();
  void hear_child(Pid pid, Child& child);
  void hear(Pid pid, Child& child, ChildMessage const& message);
  void tell_neighbours(std::optional<std::string> const& dead_node);
  void hear_askers();

  void perform(Crew::Actions const& actions);
  void perform(CrewAction const& action);
  void start_child(StartChild const& start);
  std::string orders_for(StartChild const& start);
  void drain_child(DrainChild const& drain);
  void on_all_ready();
  void say_started(unsigned slot, Pid pid) const;

  // The control socket.
  void hear(Asker& asker);
  void answer(Asker& asker, ControlRequest const& request);
  void ask_for_stats(Asker& asker);
  void answer_status();
  StatusReport report() const;
  ProcessStatus status_of(ChildView const& view) const;
  std::optional<std::string> reason_not_to_hand_over() const;
  void hand_over(Asker& asker);
  void retire(Asker& asker);
  void on_asker_gone(Asker& asker);

  Config const& config_;
  std::vector<std::string> const& arguments_;
  std::string const program_;
  server::FileDescriptor const signals_;
  Ground ground_;
  Crew crew_;
  std::unique_ptr<PrivateRedis> redis_;
  std::optional<ControlSocket> control_;
  std::map<Pid, Child> children_;
  std::list<Asker> askers_;
  std::optional<ReadyMessage> facts_;  // of the first that was ready
  TimePoint now_ = SteadyClock::now();
  bool begun_ = false;
  bool noticed_ = false;
  bool failed_ = false;
};

void Supervisor::make_redis() {
  if (ground_.instance_folder.empty())
    throw std::runtime_error("--processes: no folder can be made for a private Redis; name one that runs with --redis");
  redis_ = std::make_unique<PrivateRedis>(ground_.instance_folder);
}

/// Another instance may serve the same port on another address: the first one is the one that is asked.
void Supervisor::open_control() {
  if (ground_.runtime_folder.empty()) return;
  auto const path = control_socket_path(ground_.runtime_folder, ground_.sockets.port());
  if (!ground_.predecessor && connect_to_control(path))
    return log(LogLevel::warning, "no_control_socket",
               {{"path", path}, {"reason", "an instance on another address of this port has it"}});
  try {
    control_ = ControlSocket::put_at(path);
  } catch (std::runtime_error const& error) {
    log(LogLevel::warning, "no_control_socket", {{"path", path}, {"reason", error.what()}});
  }
}

int Supervisor::run() {
  if (redis_) redis_->start(now_);
  while (!is_over()) {
    begin();
    wait();
    now_ = SteadyClock::now();
    take_signals();
    hear_children();
    hear_askers();
    take_ended();
    perform(crew_.tick(now_));
    if (redis_) redis_->tick(now_);
    answer_status();
  }
  return failed_ ? exit_failure : crew_.exit_code();
}

/// The processes come when Redis answers, and Redis goes when they have gone.
void Supervisor::begin() {
  if (begun_ || crew_.stopping() || (redis_ && !redis_->was_ready())) return;
  begun_ = true;
  perform(crew_.begin(now_));
}

bool Supervisor::is_over() {
  if (!crew_.finished()) return false;
  if (redis_) redis_->stop(now_);
  return !redis_ || redis_->ended();
}

void Supervisor::wait() const {
  std::vector<pollfd> waiting{{signals_.get(), POLLIN, 0}};
  if (control_) waiting.push_back({control_->descriptor(), POLLIN, 0});
  for (auto const& [pid, child] : children_)
    if (child.channel) waiting.push_back({child.channel->descriptor(), POLLIN, 0});
  for (auto const& asker : askers_) waiting.push_back({asker.channel.descriptor(), POLLIN, 0});
  int timeout = -1;
  if (auto const deadline = next_deadline()) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - SteadyClock::now()).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }
  ::poll(waiting.data(), waiting.size(), timeout);
}

std::optional<TimePoint> Supervisor::next_deadline() const {
  auto next = crew_.next_deadline();
  auto consider = [&](std::optional<TimePoint> other) {
    if (other && (!next || *other < *next)) next = other;
  };
  if (redis_) consider(redis_->next_deadline());
  for (auto const& asker : askers_) consider(asker.answer_at);
  return next;
}

void Supervisor::take_signals() {
  signalfd_siginfo signal{};
  while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    switch (signal.ssi_signo) {
      case SIGHUP:
        perform(crew_.roll(now_));
        break;
      case SIGTERM:
      case SIGINT:
        log(LogLevel::info, "stopping", {{"signal", signal_name(static_cast<int>(signal.ssi_signo))}});
        perform(crew_.stop(now_));
        break;
      default:  // SIGCHLD: take_ended() looks every turn
        break;
    }
  }
}

void Supervisor::take_ended() {
  while (auto const ended = reap()) on_ended(*ended);
}

void Supervisor::on_ended(Ended const& ended) {
  if (redis_ && redis_->on_ended(ended, now_)) {
    if (!redis_->cannot_start() || crew_.stopping()) return;
    std::fputs("chorus: the private redis-server ended before it answered.\n", stderr);
    failed_ = true;
    return perform(crew_.stop(now_));
  }
  auto const found = children_.find(ended.pid);
  if (found == children_.end()) return;
  hear_child(ended.pid, found->second);  // what it said last counts
  auto const node = std::move(found->second.node);
  children_.erase(ended.pid);
  tell_neighbours(node);
  perform(crew_.child_exited(ended.pid, ended.ending, now_));
}

// ---- the processes ----

void Supervisor::hear_children() {
  for (auto& [pid, child] : children_) hear_child(pid, child);
}

void Supervisor::hear_child(Pid pid, Child& child) {
  while (child.channel) {
    auto const received = child.channel->receive();
    if (received.kind == Kind::nothing) return;
    if (received.kind == Kind::closed) return child.channel.reset();
    if (auto const message = decode_child_message(received.text))
      hear(pid, child, *message);
    else
      log(LogLevel::error, "process_message_not_understood", {{"pid", pid}, peer_field("text", received.text)});
  }
}

void Supervisor::hear(Pid pid, Child& child, ChildMessage const& message) {
  if (auto const* stats = std::get_if<StatsMessage>(&message)) {
    child.stats = *stats;
    child.stats_awaited = false;
    return;
  }
  auto const& ready = std::get<ReadyMessage>(message);
  child.node = ready.node;
  if (!facts_) facts_ = ready;
  perform(crew_.child_ready(pid, now_));
}

/// They would miss its beats, but not before seconds had passed. Said of whoever drained too: Redis may have been away
/// when it said good-bye. Who does not take the word now will still miss the beats.
void Supervisor::tell_neighbours(std::optional<std::string> const& dead_node) {
  if (!dead_node) return;
  for (auto& [pid, child] : children_)
    if (child.channel) child.channel->send(encode(NodeDiedMessage{*dead_node}));
}

void Supervisor::perform(Crew::Actions const& actions) {
  for (auto const& action : actions) perform(action);
}

void Supervisor::perform(CrewAction const& action) {
  if (auto const* start = std::get_if<StartChild>(&action)) return start_child(*start);
  if (auto const* drain = std::get_if<DrainChild>(&action)) return drain_child(*drain);
  if (auto const* kill = std::get_if<KillChild>(&action)) return kill_now(kill->pid);
  log_crew(action);
  if (std::holds_alternative<AllReady>(action)) return on_all_ready();
  if (auto const* ready = std::get_if<ChildIsReady>(&action); ready != nullptr && noticed_)
    say_started(ready->slot, ready->pid);
}

void Supervisor::start_child(StartChild const& start) {
  std::optional<Pid> pid;
  try {
    auto [ours, theirs] = Channel::pair();
    pid = spawn({.path = program_,
                 .arguments = arguments_,
                 .variables = {std::string(child_variable) + "=" + std::to_string(theirs.descriptor())},
                 .descriptor = theirs.descriptor()});
    if (pid) {
      ours.send(orders_for(start), ground_.sockets.descriptors());
      children_.emplace(*pid, Child{std::move(ours), {}, false, {}});
    }
  } catch (std::system_error const& error) {
    log(LogLevel::error, "process_not_started", {{"slot", start.slot}, {"reason", error.what()}});
  }
  if (pid)
    crew_.child_started(start.slot, *pid, now_);
  else
    perform(crew_.start_failed(start.slot, now_));
}

std::string Supervisor::orders_for(StartChild const& start) {
  auto const place = ground_.place_of(start.slot, start.incarnation);
  return encode(ChildOrders{.slot = start.slot,
                            .processes = config_.processes,
                            .node = place.node,
                            .incarnation = place.incarnation,
                            .session_key = ground_.session_key,
                            .relay_folder = ground_.relay_folder(),
                            .redis_url = redis_ ? redis_->url() : config_.redis});
}

void Supervisor::drain_child(DrainChild const& drain) {
  auto const found = children_.find(drain.pid);
  if (found == children_.end()) return;
  auto& channel = found->second.channel;
  if (drain.others_accept && channel && channel->send(encode(ChildOrder::relieve))) return;
  ask_to_end(drain.pid);
}

void Supervisor::on_all_ready() {
  if (ground_.predecessor) {
    open_control();
    ground_.predecessor->send_retire();
    ground_.predecessor.reset();
  }
  print_start_notice(config_, {.port = ground_.sockets.port(),
                               .processes = config_.processes,
                               .workers = facts_ ? facts_->workers : 0,
                               .io_uring = facts_ && facts_->io_uring,
                               .descriptors = facts_ ? facts_->descriptors : 0});
  noticed_ = true;
  for (auto const& view : crew_.view())
    if (view.state == ChildState::ready) say_started(view.slot, *view.pid);
}

void Supervisor::say_started(unsigned slot, Pid pid) const {
  std::printf("Process %u started: pid %d\n", slot, pid);
  std::fflush(stdout);
}

// ---- the control socket ----

void Supervisor::hear_askers() {
  while (control_ && askers_.size() < askers_max) {
    auto channel = control_->accept();
    if (!channel) break;
    askers_.push_back({.channel = std::move(*channel)});
  }
  for (auto& asker : askers_) hear(asker);
  askers_.remove_if([](Asker const& asker) { return asker.gone; });
}

void Supervisor::hear(Asker& asker) {
  auto const received = asker.channel.receive();
  if (received.kind == Kind::nothing) return;
  if (received.kind == Kind::closed) return on_asker_gone(asker);
  auto const request = decode_control_request(received.text);
  if (!request)
    asker.channel.send(encode(ControlError{"this is no request"}));
  else if (request->version != control_version)
    asker.channel.send(encode(ControlError{"it speaks version " + std::to_string(control_version) +
                                           " of the control protocol, not " + std::to_string(request->version)}));
  else
    answer(asker, *request);
}

void Supervisor::answer(Asker& asker, ControlRequest const& request) {
  switch (request.what) {
    case ControlRequest::What::status:
      return ask_for_stats(asker);
    case ControlRequest::What::take_over:
      return hand_over(asker);
    case ControlRequest::What::retire:
      return retire(asker);
  }
}

void Supervisor::ask_for_stats(Asker& asker) {
  asker.answer_at = now_ + stats_limit;
  for (auto const& view : crew_.view()) {
    if (view.state != ChildState::ready) continue;
    auto& child = children_.at(*view.pid);
    child.stats_awaited = child.channel && child.channel->send(encode(ChildOrder::stats));
    child.stats.reset();
  }
}

void Supervisor::answer_status() {
  bool const complete = std::ranges::none_of(children_, [](auto const& each) { return each.second.stats_awaited; });
  for (auto& asker : askers_) {
    if (!asker.answer_at || (!complete && now_ < *asker.answer_at)) continue;
    asker.answer_at.reset();
    asker.channel.send(encode(report()));
  }
}

StatusReport Supervisor::report() const {
  StatusReport report{.pid = ::getpid(), .version = CHORUS_VERSION, .host = config_.server.host};
  report.port = ground_.sockets.port();
  report.redis = redis_ ? "private" : config_.redis.empty() ? "none" : without_credentials(config_.redis);
  for (auto const& view : crew_.view()) report.processes.push_back(status_of(view));
  return report;
}

ProcessStatus Supervisor::status_of(ChildView const& view) const {
  ProcessStatus status{.slot = view.slot, .pid = view.pid, .state = std::string(to_text(view.state))};
  status.restarts = view.restarts;
  if (view.started)
    status.age_ms =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now_ - *view.started).count());
  auto const found = view.pid ? children_.find(*view.pid) : children_.end();
  if (view.state != ChildState::ready || found == children_.end() || !found->second.stats) return status;
  status.connections = found->second.stats->connections;
  status.sessions = found->second.stats->sessions;
  status.users = found->second.stats->users;
  return status;
}

std::optional<std::string> Supervisor::reason_not_to_hand_over() const {
  if (crew_.stopping()) return "it is ending";
  if (crew_.rolling()) return "it is replacing its processes; try again when that is done";
  if (std::ranges::any_of(askers_, &Asker::is_successor)) return "another instance is taking it over";
  return std::nullopt;
}

void Supervisor::hand_over(Asker& asker) {
  if (auto reason = reason_not_to_hand_over()) {
    asker.channel.send(encode(ControlError{std::move(*reason)}));
    return;
  }
  HandOver const place{config_.server.host, ground_.session_key, crew_.incarnations()};
  asker.is_successor = asker.channel.send(encode(place), ground_.sockets.descriptors());
  if (!asker.is_successor) return;
  log(LogLevel::info, "takeover_begun");
  perform(crew_.hold(true, now_));
}

void Supervisor::retire(Asker& asker) {
  if (!asker.is_successor) return;
  log(LogLevel::info, "taken_over", {{"then", "drain"}});
  asker.is_successor = false;
  control_.reset();
  perform(crew_.retire(now_));
}

void Supervisor::on_asker_gone(Asker& asker) {
  asker.gone = true;
  if (!std::exchange(asker.is_successor, false)) return;
  log(LogLevel::warning, "takeover_given_up", {{"reason", "the successor has ended before it was ready"}});
  perform(crew_.hold(false, now_));
}

}  // namespace

int supervise(Config const& config, std::vector<std::string> const& arguments) {
  return Supervisor(config, arguments).run();
}

}  // namespace chorus::app
