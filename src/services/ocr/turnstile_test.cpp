#include "services/ocr/turnstile.hpp"

#include <optional>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace npu::ocr {
namespace {

namespace asio = boost::asio;

class TurnstileTest : public ::testing::Test {
 protected:
  // Enters and keeps the place until leave(number).
  void come(int number, asio::cancellation_slot slot = {}) {
    asio::co_spawn(io_, wait(number),
                   asio::bind_cancellation_slot(slot, [](const std::exception_ptr&) {}));
    io_.poll();
    io_.restart();
  }
  void leave(std::size_t number) {
    places_[number].reset();
    io_.poll();
    io_.restart();
  }

  awaitable<void> wait(int number) {
    auto place = co_await turnstile_.enter();
    if (!place) {
      cancelled_.push_back(number);
      co_return;
    }
    entered_.push_back(number);
    places_[static_cast<std::size_t>(number)] = std::move(*place);
  }

  Turnstile turnstile_{2};
  std::vector<std::optional<Turnstile::Place>> places_{8};
  std::vector<int> entered_;
  std::vector<int> cancelled_;
  asio::io_context io_;  // last: its coroutines use the others
};

TEST_F(TurnstileTest, So_many_are_inside_and_others_follow_in_their_order) {
  for (int i = 0; i < 5; ++i) come(i);
  EXPECT_EQ(entered_, (std::vector{0, 1}));
  leave(1);
  EXPECT_EQ(entered_, (std::vector{0, 1, 2}));
  leave(0);
  leave(2);
  EXPECT_EQ(entered_, (std::vector{0, 1, 2, 3, 4}));
  leave(3);
  leave(4);
  come(5);
  come(6);
  come(7);
  EXPECT_EQ(entered_, (std::vector{0, 1, 2, 3, 4, 5, 6}));
  leave(5);
  EXPECT_EQ(entered_.back(), 7);
}

TEST_F(TurnstileTest, Who_is_cancelled_while_waiting_takes_no_place) {
  asio::cancellation_signal signal;
  come(0);
  come(1);
  come(2, signal.slot());
  come(3);
  signal.emit(asio::cancellation_type::all);
  io_.poll();
  io_.restart();
  EXPECT_EQ(cancelled_, std::vector{2});
  leave(0);
  EXPECT_EQ(entered_, (std::vector{0, 1, 3}));
}

TEST_F(TurnstileTest, Those_who_still_wait_at_the_end_are_no_trouble) {
  for (int i = 0; i < 4; ++i) come(i);
}

}  // namespace
}  // namespace npu::ocr
