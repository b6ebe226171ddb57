// Asio reuses what it knows of a closed descriptor for the next one, which may then hear of an
// event of the old one that was still in the queue.
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/unix_socket.hpp"
#include "manager/clients/bare_connection_test_support.hpp"
#include "manager/lanes/worker_process.hpp"
#include "manager/memory/region.hpp"

namespace npu::manager {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

class StaleEvent : public testing::Test {
 protected:
  // Two peers leave at once; while one descriptor hears of it, the other is closed and what `next`
  // opens takes its place.
  void take_the_place_of_one_that_hung_up(const std::function<void()>& next) {
    auto first = unix_pair();
    auto second = unix_pair();
    ASSERT_TRUE(first && second);
    Descriptor one(io_, first->first.release());
    Descriptor another(io_, second->first.release());
    bool replaced = false;
    const auto wait = [&](Descriptor& told, Descriptor& other) {
      told.async_wait(Descriptor::wait_read, [&](const auto& error) {
        if (error || std::exchange(replaced, true)) return;
        other.close();
        next();
      });
    };
    wait(one, another);
    wait(another, one);
    first->second.reset();
    second->second.reset();
    while (!replaced) io_.run_one();
    io_.poll();
  }

  boost::asio::io_context io_;
  std::optional<WatchedFd> link_;
};

TEST_F(StaleEvent, Ends_no_new_client) {
  RegionRegistry regions;
  const SystemClock clock;
  SlabPool slabs(regions, clock, 0);
  ClientQuota quota{ClientLimits{}};
  PayloadBudget budget(quota);
  LoopTurns turns(io_);
  std::shared_ptr<BareConnection> client;
  UniqueFd peer;
  take_the_place_of_one_that_hung_up([&] {
    auto pair = unix_pair();
    ASSERT_TRUE(pair && set_nonblocking(pair->first.get(), true));
    peer = std::move(pair->second);
    client = std::make_shared<BareConnection>(watch(io_, pair->first).value(), Admission{}, 1 << 20,
                                              Connection::Shared{slabs, budget, turns, clock});
    client->connection.start();
  });
  ASSERT_TRUE(client);
  EXPECT_TRUE(client->connection.is_open()) << client->connection.close_reason();
  // It still hears of its own peer's end.
  peer.reset();
  while (client->connection.is_open()) io_.run_one();
  EXPECT_EQ(client->connection.close_reason(), "gone");
}

TEST_F(StaleEvent, Ends_no_new_worker) {
  std::shared_ptr<WorkerProcess> worker;
  std::string end;
  take_the_place_of_one_that_hung_up([&] {
    auto spawned =
        WorkerProcess::spawn(io_, "/bin/sh", {"-c", "read line <&3"}, std::chrono::seconds(10));
    ASSERT_TRUE(spawned) << spawned.error().message;
    worker = spawned->process;
    worker->on_exit([&](const std::string& how) { end = how; });
    link_.emplace(std::move(spawned->link));
  });
  ASSERT_TRUE(worker);
  EXPECT_EQ(::kill(worker->pid(), 0), 0);
  EXPECT_EQ(end, "");
  link_.reset();  // it reads the end of the file and ends by itself
  while (end.empty()) io_.run_one();
  EXPECT_EQ(end, "exited with status 1");
}

}  // namespace
}  // namespace npu::manager
