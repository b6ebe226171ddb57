#include "manager/clients/loop_turns.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace npu::manager {
namespace {

constexpr uid_t kOne = 1000;
constexpr uid_t kOther = 1001;

class LoopTurnsTest : public testing::Test {
 protected:
  // A connection that has so many requests to make.
  struct Client final : LoopTurns::Taker {
    Client(LoopTurnsTest& test, uid_t of, std::string called, int requests)
        : in(test), user(of), name(std::move(called)), left(requests) {}
    void take_turn() override {
      in.served_.push_back(name);
      --left;
      if (then) then();
      ask();
    }
    void ask() {
      if (left == 0) return;
      if (in.turns_.at_once()) return take_turn();
      in.turns_.wait(user, {in.clients_.at(number), this});
    }

    LoopTurnsTest& in;
    uid_t user;
    std::string name;
    int left;
    std::size_t number = 0;
    std::function<void()> then;
  };

  Client& client(uid_t user, const std::string& name, int requests) {
    clients_.push_back(std::make_shared<Client>(*this, user, name, requests));
    clients_.back()->number = clients_.size() - 1;
    return *clients_.back();
  }
  // Until everybody has to wait.
  void use_up() {
    client(kOne, "early", LoopTurns::kAtOnce).ask();
    served_.clear();
  }

  boost::asio::io_context io_;
  LoopTurns turns_{io_};
  std::vector<std::shared_ptr<Client>> clients_;
  std::vector<std::string> served_;
};

TEST_F(LoopTurnsTest, A_few_are_given_at_once_and_again_when_nobody_waits) {
  client(kOne, "a", LoopTurns::kAtOnce + 1).ask();
  EXPECT_EQ(served_.size(), std::size_t{LoopTurns::kAtOnce});
  io_.poll();
  EXPECT_EQ(served_.size(), std::size_t{LoopTurns::kAtOnce + 1});
  EXPECT_TRUE(turns_.at_once());
}

TEST_F(LoopTurnsTest, Users_have_equal_turns_however_many_connections_they_have) {
  use_up();
  for (const char* name : {"a1", "a2", "a3"}) client(kOne, name, 1).ask();
  client(kOther, "b", 3).ask();
  io_.poll();
  EXPECT_EQ(served_, (std::vector<std::string>{"a1", "b", "a2", "b", "a3", "b"}));
}

TEST_F(LoopTurnsTest, Connections_of_a_user_have_equal_turns_however_many_requests_they_have) {
  use_up();
  client(kOne, "many", 3).ask();
  client(kOne, "few", 1).ask();
  io_.poll();
  EXPECT_EQ(served_, (std::vector<std::string>{"many", "few", "many", "many"}));
}

TEST_F(LoopTurnsTest, Who_waits_alone_pays_for_few_rounds) {
  use_up();
  int rounds = 0;
  std::function<void()> count = [&] {
    if (++rounds < 100 && served_.size() < 32) boost::asio::post(io_, count);
  };
  for (int i = 0; i < 32; ++i) client(kOne, "one of many", 1).ask();
  boost::asio::post(io_, count);
  io_.poll();
  EXPECT_EQ(served_.size(), 32U);
  EXPECT_LE(rounds, 32 / LoopTurns::kAlone + 1);
}

TEST_F(LoopTurnsTest, Who_comes_between_waits_for_one_turn_of_each_other_user) {
  use_up();
  Client& flood = client(kOne, "flood", 1000);
  Client& victim = client(kOther, "victim", 1);
  flood.then = [&] {
    if (flood.left == 990) boost::asio::post(io_, [&] { victim.ask(); });
  };
  flood.ask();
  io_.poll();
  const auto at = std::ranges::find(served_, "victim");
  EXPECT_LE(at - served_.begin(), 12);
  EXPECT_EQ(served_.size(), 1001U);
}

TEST_F(LoopTurnsTest, Who_waits_is_kept_until_all_are_forgotten) {
  use_up();
  const std::weak_ptr<Client> waiting = (client(kOne, "a", 1).ask(), clients_.back());
  clients_.clear();
  EXPECT_FALSE(waiting.expired());
  turns_.clear();
  EXPECT_TRUE(waiting.expired());
  io_.poll();
  EXPECT_TRUE(served_.empty());
}

}  // namespace
}  // namespace npu::manager
