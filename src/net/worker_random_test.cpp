// Everything at once: what no single test thinks of.
#include <map>
#include <memory>
#include <random>

#include "net/test_support.hpp"
#include "net/worker.hpp"

namespace chorus::net {
namespace {

/// A peer that talks, listens slowly, pauses and leaves; and the owner of its connection, which echoes.
struct Guest : ConnectionHandler {
  Guest(Worker& w, SocketPair pair) : worker(w), far(std::move(pair.far)) {
    id = worker.adopt(std::move(pair.near), *this);
  }

  void on_data(ConnectionId connection, MutableBytes bytes) override {
    EXPECT_EQ(connection, id);
    EXPECT_FALSE(over) << "told after its last call";
    received.append(bytes.data(), bytes.size());
    if (worker.write(id, as_bytes(bytes)) == Sent::backlogged) pause();
  }
  // While paused it is a hang-up seen early: what lies before it is given up with the close.
  void on_end(ConnectionId) override {
    EXPECT_FALSE(std::exchange(ended, true)) << "told twice";
    complete = !paused;
    worker.close(id, CloseMode::after_flush);
  }
  void on_drained(ConnectionId) override { resume(); }
  void on_closed(ConnectionId, CloseReason) override { EXPECT_FALSE(std::exchange(over, true)) << "told twice"; }

  void pause() {
    worker.pause_reading(id);
    paused = true;
  }
  void resume() {
    worker.resume_reading(id);
    paused = false;
  }

  Worker& worker;
  FileDescriptor far;
  ConnectionId id;
  std::string sent;      // by the peer
  std::string received;  // by the owner
  std::string echoed;    // to the peer
  bool paused = false;
  bool ended = false;
  bool complete = false;  // the end came after all data
  bool over = false;
  bool owner_closed = false;
};

class WorkerRandomTest : public WorkerTest {
 protected:
  void play(unsigned seed) {
    WorkerOptions small = options();
    small.receive_slots = 4;
    small.receive_slot_bytes = 64;
    small.turn_sends_max = 3;
    small.turn_receives_max = 9;
    Worker worker(small, events_);
    std::mt19937 random(seed);
    std::vector<std::unique_ptr<Guest>> guests;
    for (int step = 0; step < 1500; ++step) {
      if (guests.size() < 20) {
        SocketPair pair = random() % 2 == 0 ? tcp_pair() : unix_pair();
        int const narrow = 4096;
        ::setsockopt(pair.near.get(), SOL_SOCKET, SO_SNDBUF, &narrow, sizeof narrow);
        guests.push_back(std::make_unique<Guest>(worker, std::move(pair)));
      }
      act(*guests[random() % guests.size()], worker, random);
      if (random() % 2 == 0) worker.run_once(Duration::zero());
      std::erase_if(guests, [&](auto const& guest) {
        bool const gone = guest->over || guest->owner_closed;
        if (gone) finish(*guest);
        return gone;
      });
    }
    for (auto const& guest : guests) {
      guest->resume();
      ::shutdown(guest->far.get(), SHUT_WR);
    }
    EXPECT_TRUE(turn_until(worker, [&] {
      bool all_over = true;
      for (auto const& guest : guests) {
        read_available(guest->far, guest->echoed);
        all_over = all_over && guest->over;
      }
      return all_over;
    }));
    for (auto const& guest : guests) {
      finish(*guest);
    }
    settle(worker);
  }

 private:
  static void act(Guest& guest, Worker& worker, std::mt19937& random) {
    switch (random() % 12) {
      case 0:
        guest.pause();
        break;
      case 1:
      case 2:
        guest.resume();
        break;
      case 3:
        if (random() % 4 == 0) ::shutdown(guest.far.get(), SHUT_WR);
        break;
      case 4:
        if (random() % 10 == 0) {
          worker.close(guest.id, CloseMode::now);
          guest.owner_closed = true;
        }
        break;
      case 5:
        move(guest, worker);
        break;
      case 6:
      case 7:
      case 8:
        read_available(guest.far, guest.echoed, random() % 3000);
        break;
      default:
        talk(guest, random);
    }
  }

  static void talk(Guest& guest, std::mt19937& random) {
    std::string text(1 + random() % 700, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 26);
    ssize_t const n = ::send(guest.far.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) guest.sent.append(text, 0, static_cast<std::size_t>(n));
  }

  // Out of the loop and in again, as between two workers.
  static void move(Guest& guest, Worker& worker) {
    if (!worker.is_open(guest.id) || guest.ended || worker.unsent(guest.id) != 0) return;
    ReleasedConnection released = worker.release(guest.id);
    if (!released.descriptor) return;
    guest.id = worker.adopt(std::move(released.descriptor), guest, released.unread);
    guest.paused = false;
  }

  static void finish(Guest& guest) {
    read_available(guest.far, guest.echoed);
    EXPECT_TRUE(guest.sent.starts_with(guest.received)) << "bytes came in another order";
    EXPECT_TRUE(guest.received.starts_with(guest.echoed)) << "bytes went out in another order";
    if (guest.complete) {
      EXPECT_TRUE(guest.received == guest.sent) << "the end came before the last bytes";
    }
  }
};

TEST_P(WorkerRandomTest, keeps_every_promise_under_random_use) {
  for (unsigned seed = 1; seed <= 6; ++seed) play(seed);
}

CHORUS_FOR_BOTH_WAYS_OF_IO(WorkerRandomTest);

}  // namespace
}  // namespace chorus::net
