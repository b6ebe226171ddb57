#include "manager/clients/listener.hpp"

#include <memory>
#include <string>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/unix_socket.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::manager {
namespace {

class ListenerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto listening = unix_listen(path_, {});
    ASSERT_TRUE(listening);
    socket_ = listening->get();
    listener_ = std::make_unique<Listener>(
        io_, std::move(*listening), path_,
        Listener::Events{.accepted = [this](UniqueFd) { ++accepted_; },
                         .make_room = [this] { return ++gave_way_ > 0; },
                         .turn_away = [this](UniqueFd) { ++turned_away_; }});
  }

  fakes::TempDir folder_;
  const std::string path_ = folder_.path("listener.sock");
  boost::asio::io_context io_;
  int socket_ = -1;
  int accepted_ = 0;
  int gave_way_ = 0;
  int turned_away_ = 0;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, Accepts_all_who_wait) {
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(unix_connect(path_));
  io_.poll();
  EXPECT_EQ(accepted_, 40);
}

TEST_F(ListenerTest, Nobody_gives_way_where_accepting_fails_for_good) {
  ASSERT_EQ(::shutdown(socket_, SHUT_RDWR), 0);
  for (int i = 0; i < 10; ++i) io_.poll();
  EXPECT_EQ(gave_way_, 0);
  EXPECT_EQ(turned_away_, 0);
}

}  // namespace
}  // namespace npu::manager
