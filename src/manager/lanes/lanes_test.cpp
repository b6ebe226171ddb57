// The life of workers: started when they are wanted, lost, stuck, stopped; and what is known of
// them meanwhile.
#include "manager/lanes/lanes.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manager/lanes/lanes_test_support.hpp"

namespace npu::manager {
namespace order = wire::order;
namespace report = wire::report;
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LanesTest : public LanesFixture {};

TEST_F(LanesTest, A_worker_is_started_when_its_lane_is_wanted) {
  options_.worker = "/lib/worker";
  options_.device = "sim";
  options_.arguments = {"--log-level", "debug"};
  EXPECT_THAT(workers_, IsEmpty());
  lanes().start(Lane::kSpeech);
  ASSERT_THAT(workers_, SizeIs(1));
  EXPECT_EQ(program_, "/lib/worker");
  EXPECT_THAT(arguments_, ElementsAre("--lane", "speech", "--link-fd", "3", "--device", "sim",
                                      "--last-words-fd", "4", "--log-level", "debug"));
  lanes().start(Lane::kSpeech);
  EXPECT_THAT(workers_, SizeIs(1)) << "it is on its way";
  EXPECT_THAT(told(), IsEmpty());
  worker().be_ready({.kind = "sim", .id = "sim:0", .runs_at_once = 2});
  EXPECT_THAT(told(), ElementsAre("speech up, 2 at once", "watcher: speech up on sim:0"));
}

TEST_F(LanesTest, One_that_is_up_is_told_again_but_not_from_inside_the_call) {
  bring_up(Lane::kVision);
  lanes().start(Lane::kVision);
  EXPECT_THAT(told(), IsEmpty());
  run();
  EXPECT_THAT(told(), ElementsAre("vision up, 1 at once", "watcher: vision up on fake:0"));
  EXPECT_THAT(workers_, SizeIs(1));
}

TEST_F(LanesTest, One_that_cannot_be_started_is_lost_but_not_from_inside_the_call) {
  cannot_start_ = Error{ErrorCode::kUnavailable, "no process"};
  lanes().start(Lane::kVision);
  lanes().start(Lane::kVision);
  EXPECT_EQ(starts_, 1) << "its loss is not told yet";
  EXPECT_THAT(told(), IsEmpty());
  run();
  EXPECT_THAT(told(),
              ElementsAre("vision lost: internal: no process", "watcher: vision lost: no process"));
  lanes().start(Lane::kVision);
  EXPECT_EQ(starts_, 2);
}

TEST_F(LanesTest, One_that_does_not_open_its_device_in_time_is_ended) {
  options_.start_timeout = 0s;
  lanes().start(Lane::kVision);
  run_until([&] { return worker().is_killed(); });
  worker().exit("killed by signal 9");
  EXPECT_EQ(told().at(0), "vision lost: unavailable: the worker did not open its device in time");
}

TEST_F(LanesTest, One_that_is_ready_has_all_the_time_there_is) {
  options_.start_timeout = 0s;
  lanes().start(Lane::kVision);
  worker().write(wire::encode(report::Ready{version(), {.kind = "fake"}}));
  run();
  for (int i = 0; i < 10; ++i) run();
  EXPECT_FALSE(worker().is_killed());
}

TEST_F(LanesTest, One_that_is_lost_can_be_started_again) {
  lanes().start(Lane::kVision);
  worker().say(report::Failed{{ErrorCode::kBusy, "somebody has the chip"}});
  worker().exit("exited with status 1");
  EXPECT_THAT(told(), ElementsAre("vision lost: busy: somebody has the chip",
                                  "watcher: vision lost: somebody has the chip"));
  bring_up(Lane::kVision);
  EXPECT_THAT(workers_, SizeIs(2));
  worker().exit("killed by signal 11");
  EXPECT_EQ(told().at(0), "vision lost: device_lost: killed by signal 11");
}

TEST_F(LanesTest, A_killed_worker_is_lost_for_that_reason) {
  lanes().kill(Lane::kVision, "there is none");
  bring_up(Lane::kVision);
  lanes().kill(Lane::kVision, "a job took too long");
  EXPECT_TRUE(worker().is_killed());
  worker().exit("killed by signal 9");
  EXPECT_EQ(told().at(0), "vision lost: device_lost: a job took too long");
}

TEST_F(LanesTest, From_now_on_means_from_the_next_worker_on) {
  bring_up(Lane::kVision);
  EXPECT_EQ(arguments_.at(5), "auto");
  lanes().keep_to("fake");
  lanes().start(Lane::kSpeech);
  EXPECT_EQ(arguments_.at(5), "fake");
  worker().be_ready({.kind = "another"});
  EXPECT_TRUE(worker().is_killed());
}

TEST_F(LanesTest, Orders_to_a_lane_that_is_down_are_dropped) {
  order_everything(Lane::kVision);
  EXPECT_THAT(workers_, IsEmpty());
  lanes().start(Lane::kVision);
  order_everything(Lane::kVision);
  EXPECT_FALSE(worker().next_order()) << "it is not ready";
  worker().be_ready();
  EXPECT_FALSE(worker().next_order());
  order_everything(Lane::kSpeech);
  EXPECT_FALSE(worker().next_order()) << "that is another lane";
  order_everything(Lane::kVision);
  EXPECT_EQ(worker().next<order::Load>().job, 1U);
  EXPECT_EQ(worker().next<order::Infer>().job, 2U);
  EXPECT_EQ(worker().next<order::Unload>().job, 3U);
  EXPECT_EQ(worker().next<order::ReleaseGroup>().job, 4U);
  EXPECT_EQ(worker().next<order::Telemetry>().job, 5U);
  EXPECT_EQ(worker().next<order::Cancel>().job, 2U);
}

TEST_F(LanesTest, One_that_hangs_is_told_and_if_it_ends_after_all_it_is_lost) {
  bring_up(Lane::kVision);
  lanes().kill(Lane::kVision, "a job took too long");
  worker().hang("it hangs");
  EXPECT_THAT(told(), ElementsAre("vision stuck: a job took too long; it hangs",
                                  "watcher: vision stuck: a job took too long; it hangs"));
  worker().exit("killed by signal 9");
  EXPECT_EQ(told().at(0), "vision lost: device_lost: a job took too long");
  bring_up(Lane::kVision);
  EXPECT_THAT(workers_, SizeIs(2));
}

TEST_F(LanesTest, A_worker_finds_low_descriptors_and_clients_none) {
  const auto opened = [] { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); };
  lanes();
  EXPECT_GE(opened().get(), LowDescriptors::kEnd);
  std::vector<UniqueFd> workers_own;
  on_start_ = [&] {
    for (std::size_t i = 0; i < WorkerProcess::kDescriptors; ++i) workers_own.push_back(opened());
  };
  lanes().start(Lane::kVision);
  for (const UniqueFd& fd : workers_own) EXPECT_LT(fd.get(), LowDescriptors::kEnd);
  EXPECT_GE(opened().get(), LowDescriptors::kEnd);
}

class LanesStopTest : public LanesFixture {
 protected:
  void stop(Duration patience) {
    lanes().stop(patience, [this] { stopped_ = true; });
  }
  bool stopped_ = false;
};

TEST_F(LanesStopTest, Without_workers_it_is_done_at_once_but_not_from_inside_the_call) {
  stop(1h);
  EXPECT_FALSE(stopped_);
  run();
  EXPECT_TRUE(stopped_);
}

TEST_F(LanesStopTest, Workers_end_by_themselves_when_their_links_are_closed) {
  bring_up(Lane::kVision);
  bring_up(Lane::kSpeech);
  stop(1h);
  for (const auto& one : workers_) {
    EXPECT_TRUE(one->is_link_closed());
    EXPECT_FALSE(one->is_killed());
  }
  workers_[0]->exit("exited with status 0");
  run();
  EXPECT_FALSE(stopped_);
  workers_[1]->exit("exited with status 0");
  run();
  EXPECT_TRUE(stopped_);
  EXPECT_THAT(told(), IsEmpty()) << "nobody has lost anything";
}

TEST_F(LanesStopTest, Who_does_not_end_in_time_is_killed) {
  bring_up(Lane::kVision);
  stop(0s);
  run_until([&] { return worker().is_killed(); });
  EXPECT_FALSE(stopped_);
  worker().exit("killed by signal 9");
  run();
  EXPECT_TRUE(stopped_);
}

TEST_F(LanesStopTest, Who_does_not_even_end_then_is_waited_for_no_longer) {
  bring_up(Lane::kVision);
  stop(0s);
  run_until([&] { return worker().is_killed(); });
  worker().hang("it hangs");
  run();
  EXPECT_TRUE(stopped_);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(LanesStopTest, Who_hangs_already_is_not_waited_for) {
  bring_up(Lane::kVision);
  lanes().kill(Lane::kVision, "a job took too long");
  worker().hang("it hangs");
  stop(1h);
  run();
  EXPECT_TRUE(stopped_);
}

TEST_F(LanesStopTest, Nothing_is_started_any_more) {
  bring_up(Lane::kVision);
  stop(1h);
  lanes().start(Lane::kSpeech);
  EXPECT_THAT(workers_, SizeIs(1));
  worker().exit("exited with status 0");
  run();
  EXPECT_TRUE(stopped_);
}

TEST_F(LanesStopTest, One_that_was_up_is_not_told_again) {
  bring_up(Lane::kVision);
  lanes().start(Lane::kVision);
  stop(1h);
  run();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(LanesStopTest, One_that_comes_up_meanwhile_gets_no_work) {
  lanes().start(Lane::kVision);
  worker().write(wire::encode(report::Ready{version(), {.kind = "fake"}}));
  stop(1h);
  run();
  EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace npu::manager
