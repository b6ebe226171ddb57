// A worker is of our own build, and is not believed all the same: what breaks the rules of
// src/wire/worker_link.md ends it, with the reason, and reaches no client.
#include <memory>
#include <new>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manager/lanes/worker_link_test_support.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace report = wire::report;
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WorkerLinkNonsenseTest : public WorkerLinkFixture {
 protected:
  void infer(broker::JobId job) {
    link().infer(job, model_named("m"), Priority::kInteractive, {}, work(), nullptr);
  }
  // As the broker hears it in the end; "" where the worker was not killed.
  std::string why_it_was_killed() {
    if (!worker().is_killed()) return "";
    told_.clear();
    worker().exit("killed by signal 9");
    EXPECT_EQ(answers().size(), 1U);
    return answers().at(0);
  }
};

TEST_F(WorkerLinkNonsenseTest, A_worker_of_another_build_is_not_used) {
  worker().say(report::Ready{"0.0.1", {.kind = "fake"}});
  EXPECT_FALSE(link().is_ready());
  EXPECT_EQ(why_it_was_killed(),
            "lost: version_mismatch: the worker is of version 0.0.1, the "
            "manager of " +
                version() + "; restart the manager");
}

TEST_F(WorkerLinkNonsenseTest, A_worker_with_another_device_than_it_was_told_is_not_used) {
  start(Lane::kVision, "hailort");
  worker().be_ready({.kind = "onnx"});
  EXPECT_FALSE(link().is_ready());
  EXPECT_EQ(why_it_was_killed(),
            "lost: unavailable: the worker opened a device of kind 'onnx' and not 'hailort'");
  start(Lane::kVision, "hailort");
  worker().be_ready({.kind = "hailort"});
  EXPECT_TRUE(link().is_ready());
}

TEST_F(WorkerLinkNonsenseTest, What_a_worker_says_of_its_own_end_is_why_it_is_lost) {
  worker().say(report::Failed{{ErrorCode::kBusy, "somebody else has the chip"}});
  EXPECT_EQ(why_it_was_killed(), "lost: busy: somebody else has the chip");
  start(Lane::kVision);
  worker().be_ready();
  worker().say(report::Lost{{ErrorCode::kInternal, "the chip fell off"}});
  EXPECT_EQ(why_it_was_killed(), "lost: device_lost: the chip fell off");
}

TEST_F(WorkerLinkNonsenseTest, What_is_no_message_ends_it) {
  worker().say_raw(wire::encode_text(R"({"op":"dance"})"));
  EXPECT_EQ(why_it_was_killed().substr(0, 44), "lost: device_lost: sent an invalid message: ");
  start(Lane::kVision);
  worker().say_raw(wire::encode_text("{{"));
  EXPECT_EQ(why_it_was_killed().substr(0, 44), "lost: device_lost: sent an invalid message: ");
  start(Lane::kVision);
  worker().say_raw(std::string("\x7f\0\0\0", 4));
  EXPECT_EQ(why_it_was_killed(),
            "lost: device_lost: sent what cannot be received: Message too large: 2130706432 bytes");
}

TEST_F(WorkerLinkNonsenseTest, What_closes_its_link_and_goes_on_is_ended) {
  worker().write(wire::encode(report::Ready{version(), {.kind = "fake"}}));
  worker().hang_up();
  EXPECT_THAT(answers(), ElementsAre("ready"));
  EXPECT_EQ(why_it_was_killed(), "lost: device_lost: killed by signal 9");
}

TEST_F(WorkerLinkNonsenseTest, An_answer_that_is_none_to_what_was_asked_ends_it) {
  const auto killed_for = [&](report::Outcome outcome) {
    worker().say(report::Done{1, std::move(outcome)});
    const std::string why = why_it_was_killed();
    start(Lane::kVision);
    return why;
  };
  const std::string no_answer = "lost: device_lost: answered job 1 with what is no answer to it";
  infer(1);
  EXPECT_EQ(killed_for(report::Finished{}), no_answer);
  link().load(1, model_named("m"));
  EXPECT_EQ(killed_for(report::Inferred{}), no_answer);
  link().unload(1, model_named("m"));
  EXPECT_EQ(killed_for(report::Loaded{}), no_answer);
  link().telemetry(1);
  EXPECT_EQ(killed_for(report::Finished{}), no_answer);
}

TEST_F(WorkerLinkNonsenseTest, The_end_of_what_is_not_under_way_is_ignored) {
  infer(1);
  worker().say(report::Done{2, report::Inferred{.result = 1}});
  EXPECT_THAT(answers(), IsEmpty());
  worker().say(report::Done{1, report::Inferred{.result = 1}});
  worker().say(report::Done{1, report::Inferred{.result = 2}});
  EXPECT_THAT(answers(), ElementsAre("inferred 1: ok"));
  EXPECT_FALSE(worker().is_killed());
}

TEST_F(WorkerLinkNonsenseTest, Nothing_is_told_of_jobs_that_are_not_its_own) {
  infer(1);
  link().load(2, model_named("m"));
  worker().say(report::Event{3, {{"text", "in somebody's name"}}});
  worker().say(report::Event{2, {{"text", "of a load"}}});
  worker().say(report::Progress{3});
  EXPECT_THAT(answers(), IsEmpty());
  worker().say(report::Progress{2});
  worker().say(report::Progress{1});
  EXPECT_THAT(answers(), ElementsAre("progress 2", "progress 1"));
}

TEST_F(WorkerLinkNonsenseTest, One_that_is_ready_twice_is_ended) {
  worker().be_ready();
  worker().be_ready();
  EXPECT_THAT(answers(), ElementsAre("ready"));
  EXPECT_EQ(why_it_was_killed(), "lost: device_lost: said twice that it is ready");
}

TEST_F(WorkerLinkNonsenseTest, A_descriptor_belongs_to_the_message_that_it_came_with) {
  infer(1);
  infer(2);
  const auto small = SharedMemory::create(10).value();
  const auto large = SharedMemory::create(20).value();
  worker().write(wire::encode(report::Done{7, report::Inferred{.region_bytes = 10}}), small.fd());
  worker().say(report::Done{1, report::Inferred{.region_bytes = 20}}, large.fd());
  EXPECT_THAT(answers(), ElementsAre("inferred 1: ok"));
  EXPECT_FALSE(worker().is_killed());
  worker().say(report::Done{2, report::Inferred{}}, small.fd());
  EXPECT_EQ(why_it_was_killed(), "lost: device_lost: sent a descriptor that belongs to nothing");
}

TEST_F(WorkerLinkNonsenseTest, What_there_is_no_memory_for_costs_the_worker_and_nobody_else) {
  infer(1);
  reports_.on_answer = [] { throw std::bad_alloc(); };
  worker().say(report::Done{1, report::Inferred{}});
  EXPECT_EQ(why_it_was_killed(), "lost: device_lost: no memory is left for what it sent");
}

}  // namespace
}  // namespace npu::manager
