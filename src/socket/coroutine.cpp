// Bodies of chorus/coroutine.hpp: how tasks are known to their worker.
#include "chorus/coroutine.hpp"

#include "base/check.hpp"
#include "socket/definition.hpp"
#include "socket/hub.hpp"
#include "socket/socket_core.hpp"

namespace chorus {

namespace detail {

HomeWorker HomeWorker::of(Socket const& socket) {
  HomeWorker home;
  home.board_ = socket.ref()->home->board;
  home.worker_ = socket.ref()->home->worker;
  return home;
}

HomeWorker HomeWorker::of(Namespace const& nsp, unsigned worker) {
  HomeWorker home;
  home.board_ = nsp.registry()->board();
  CHORUS_CHECK(worker < home.board_->workers(), "spawn was given a worker that there is not");
  home.worker_ = worker;
  return home;
}

bool HomeWorker::offload(std::function<void()> work) const {
  CHORUS_CHECK(board_ != nullptr, "offload belongs to a worker's turn");
  return board_->offload(std::move(work));
}

TaskLink::TaskLink(void (*destroy)(TaskLink&)) : destroy_(destroy) {
  socket::Hub* const hub = socket::Hub::current();
  CHORUS_CHECK(hub != nullptr, "a Task was begun outside of a worker's turn: chorus::spawn begins one from elsewhere");
  next = hub->tasks();
  previous = &hub->tasks();
  if (next != nullptr) next->previous = &next;
  *previous = this;
}

TaskLink::~TaskLink() {
  *previous = next;
  if (next != nullptr) next->previous = previous;
}

void report_task_error(std::exception_ptr error) {
  socket::Hub* const hub = socket::Hub::current();
  if (hub == nullptr) return;  // the server has ended
  try {
    std::rethrow_exception(std::move(error));
  } catch (...) {
    socket::report_handler_error(*hub, "task", "");
  }
}

void check_awaited_at_home(HomeWorker const& home) {
  CHORUS_CHECK(home && home.is_here(), "what is Pending is awaited on the worker that asked for it");
}

void resume_task(std::coroutine_handle<> task) {
  Running::Scope const running(socket::Hub::current()->running(), "task", nullptr);
  task.resume();  // what it throws is its promise's
}

/// Brings the end of a sleep; given up with it.
struct Sleeper {
  explicit Sleeper(PendingState<void>& s) : state(s) {}
  void on_time(TimePoint) { state.finish({}); }
  PendingState<void>& state;
  Timer timer{timer_callback<&Sleeper::on_time>, this};
};

}  // namespace detail

Pending<> sleep(std::chrono::milliseconds time) {
  socket::Hub* const hub = socket::Hub::current();
  CHORUS_CHECK(hub != nullptr, "sleep belongs to a worker's turn");
  return Pending<>::start([&](auto const& state) {
    auto const sleeper = std::make_shared<detail::Sleeper>(*state);
    hub->timers().arm_after(sleeper->timer, time);
    state->source = sleeper;
  });
}

OffloadRefused::OffloadRefused() : std::runtime_error("too much offloaded work waits already") {}

namespace socket {

void Hub::end_tasks() {
  while (tasks_ != nullptr) tasks_->destroy();
}

}  // namespace socket

}  // namespace chorus
