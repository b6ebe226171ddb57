#include "services/kit/model_set.hpp"

#include <list>
#include <map>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/fake_network_test_support.hpp"

namespace npu::kit {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelSetTest : public ::testing::Test {
 protected:
  // What became of a use: nothing as long as it waits.
  using Use = std::optional<Result<ModelSet::Lease>>;

  void make(std::size_t max_loaded) {
    set_.emplace(io_.get_executor(), std::vector<std::string>{"a", "b", "c"}, max_loaded,
                 [this](const std::string& name) {
                   networks_[name].loading = &loading_;
                   return std::make_unique<FakeNetwork>(networks_[name], Shape{4, 4, 3});
                 });
    loading_.expires_at(asio::steady_timer::time_point::max());
  }

  void begin(const std::string& name, Use& use) {
    asio::co_spawn(
        io_, [this, name, &use]() -> awaitable<void> { use.emplace(co_await set_->use(name)); },
        asio::bind_cancellation_slot(cancels_.emplace_back().slot(), asio::detached));
    run();
  }
  void run() {
    io_.restart();
    io_.poll();
  }
  void finish_loading() {
    loading_.cancel();
    run();
  }
  // Loads it and lets it go.
  void touch(const std::string& name) {
    Use use;
    begin(name, use);
    finish_loading();
    ASSERT_TRUE(use && *use);
    use.reset();
    run();
  }

  asio::io_context io_;
  std::list<asio::cancellation_signal> cancels_;  // one of each use
  asio::steady_timer loading_{io_};
  std::map<std::string, FakeState> networks_;
  std::optional<ModelSet> set_;
};

TEST_F(ModelSetTest, A_model_is_loaded_once_for_all_who_ask) {
  make(2);
  Use first;
  Use second;
  begin("a", first);
  begin("a", second);
  EXPECT_FALSE(first || second);
  finish_loading();
  ASSERT_TRUE(first && *first && second && *second);
  EXPECT_EQ(&***first, &***second);
  EXPECT_EQ(networks_["a"].loads, 1);
  EXPECT_THAT(set_->loaded(), ElementsAre("a"));
}

TEST_F(ModelSetTest, The_one_used_longest_ago_makes_room) {
  make(2);
  touch("a");
  touch("b");
  touch("a");
  touch("c");
  EXPECT_THAT(set_->loaded(), ElementsAre("a", "c"));
  EXPECT_EQ(networks_["b"].releases, 1);
  EXPECT_EQ(networks_["a"].loads, 1);
}

TEST_F(ModelSetTest, One_in_use_is_not_given_back_but_takes_no_more_users_while_another_waits) {
  make(1);
  Use user;
  begin("a", user);
  finish_loading();
  Use other;
  begin("b", other);
  Use late;
  begin("a", late);
  EXPECT_FALSE(other || late);
  EXPECT_EQ(networks_["a"].releases, 0);
  user.reset();
  run();
  EXPECT_EQ(networks_["a"].releases, 1);
  finish_loading();
  ASSERT_TRUE(other && *other);
  EXPECT_FALSE(late);
  other.reset();
  run();
  finish_loading();
  EXPECT_TRUE(late && *late);
  EXPECT_THAT(set_->loaded(), ElementsAre("a"));
}

TEST_F(ModelSetTest, Who_waited_in_vain_holds_up_nobody) {
  make(1);
  Use user;
  begin("a", user);
  finish_loading();
  Use gone;
  begin("b", gone);
  cancels_.back().emit(asio::cancellation_type::terminal);
  run();
  Use next;
  begin("a", next);
  EXPECT_TRUE(next && *next);
}

TEST_F(ModelSetTest, A_load_that_is_given_up_is_taken_over) {
  make(1);
  Use next;
  asio::cancellation_signal leave;
  asio::co_spawn(
      io_, [this]() -> awaitable<void> { (void)co_await set_->use("a"); },
      asio::bind_cancellation_slot(leave.slot(), asio::detached));
  run();
  begin("a", next);
  leave.emit(asio::cancellation_type::terminal);
  run();
  EXPECT_FALSE(next);
  finish_loading();
  EXPECT_TRUE(next && *next);
  EXPECT_EQ(networks_["a"].loads, 2);
}

TEST_F(ModelSetTest, A_load_that_fails_is_told_to_all_who_wait_and_tried_again_later) {
  make(1);
  networks_["a"].failure = Error{ErrorCode::kDoesNotFit, "/secret needs 9 GB"};
  Use first;
  Use second;
  begin("a", first);
  begin("a", second);
  finish_loading();
  ASSERT_TRUE(first && second);
  EXPECT_EQ((*first).error().code, ErrorCode::kUnavailable);
  EXPECT_THAT((*second).error().message, ::testing::Not(HasSubstr("secret")));
  EXPECT_EQ(networks_["a"].loads, 1);
  networks_["a"].failure.reset();
  touch("a");
}

TEST_F(ModelSetTest, One_that_there_is_not_is_told_with_those_that_there_are) {
  make(1);
  Use use;
  begin("d", use);
  ASSERT_TRUE(use);
  EXPECT_EQ((*use).error().code, ErrorCode::kNotFound);
  EXPECT_EQ((*use).error().message, "there is no model 'd'; there are a, b, c");
}

TEST_F(ModelSetTest, All_are_given_back_at_the_end) {
  make(2);
  touch("a");
  touch("b");
  asio::co_spawn(io_, set_->release(), asio::detached);
  run();
  EXPECT_EQ(networks_["a"].releases, 1);
  EXPECT_EQ(networks_["b"].releases, 1);
  EXPECT_TRUE(set_->loaded().empty());
}

}  // namespace
}  // namespace npu::kit
