// What lanes know of models and of memory: which are resident, what results take, who has ended.
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manager/lanes/lanes_test_support.hpp"

namespace npu::manager {
namespace order = wire::order;
namespace report = wire::report;
namespace {

class LanesMemoryTest : public LanesFixture {
 protected:
  // The worker answers the inference with so many bytes of tensors.
  void result_takes(broker::JobId job, std::size_t bytes) {
    worker().say(report::Done{job, report::Inferred{.result = 1, .output_bytes = bytes}});
  }
  // Where the worker is told to put the result of the next inference, regions left out.
  std::optional<order::Output> next_output() {
    for (;;) {
      const auto received = worker().next_order();
      EXPECT_TRUE(received) << "no inference";
      if (!received) return std::nullopt;
      if (const auto* infer = std::get_if<order::Infer>(&received->order)) return infer->output;
    }
  }
};

TEST_F(LanesMemoryTest, A_model_is_resident_from_its_load_to_the_order_to_unload_it) {
  bring_up(Lane::kVision);
  lanes().load(Lane::kVision, 1, model_named("a"));
  EXPECT_FALSE(lanes().resident("a"));
  worker().say(report::Done{1, report::Loaded{}});
  EXPECT_TRUE(lanes().resident("a"));
  EXPECT_FALSE(lanes().resident("b"));
  lanes().unload(Lane::kVision, 2, model_named("a"));
  EXPECT_FALSE(lanes().resident("a"));
  lanes().load(Lane::kVision, 3, model_named("b"));
  worker().say(report::Done{3, Error{ErrorCode::kInternal, "no"}});
  EXPECT_FALSE(lanes().resident("b"));
}

TEST_F(LanesMemoryTest, With_its_group_or_its_worker_all_models_of_a_lane_go_and_no_others) {
  bring_up(Lane::kSpeech);
  load(Lane::kSpeech, 1, "speech");
  bring_up(Lane::kVision);
  load(Lane::kVision, 2, "a");
  load(Lane::kVision, 3, "b");
  lanes().release_group(Lane::kVision, 4);
  EXPECT_FALSE(lanes().resident("a"));
  EXPECT_FALSE(lanes().resident("b"));
  load(Lane::kVision, 5, "a");
  worker().exit("killed by signal 11");
  EXPECT_FALSE(lanes().resident("a"));
  EXPECT_TRUE(lanes().resident("speech"));
}

TEST_F(LanesMemoryTest, A_result_finds_as_much_room_as_those_before_it_took) {
  bring_up(Lane::kVision);
  infer(Lane::kVision, 1, "m");
  EXPECT_FALSE(next_output()) << "nobody knows yet";
  result_takes(1, 100'000);
  const auto work = infer(Lane::kVision, 2, "m");
  const auto output = next_output();
  ASSERT_TRUE(output);
  EXPECT_GE(output->bytes, 100'000U);
  EXPECT_FALSE(output->strict);
  EXPECT_EQ(client_.held(Held::kSlabs), 1U) << "on the client's account";
  result_takes(2, 10);
  infer(Lane::kVision, 3, "m");
  EXPECT_GE(next_output().value().bytes, 100'000U) << "the largest counts";
  infer(Lane::kVision, 4, "another");
  EXPECT_FALSE(next_output());
}

TEST_F(LanesMemoryTest, Results_that_are_too_large_or_nothing_are_not_prepared_for) {
  bring_up(Lane::kVision);
  infer(Lane::kVision, 1, "m");
  result_takes(1, (std::size_t{256} << 20) + 1);
  infer(Lane::kVision, 2, "m");
  result_takes(2, 0);
  EXPECT_FALSE(next_output());
  EXPECT_FALSE(next_output());
  infer(Lane::kVision, 3, "m");
  EXPECT_FALSE(next_output());
  EXPECT_EQ(client_.held(Held::kSlabs), 0U);
}

TEST_F(LanesMemoryTest, A_place_that_the_client_named_needs_no_slab) {
  bring_up(Lane::kVision);
  infer(Lane::kVision, 1, "m");
  next_output();
  result_takes(1, 1000);
  const RegionPtr region = regions_.add(SharedMemory::create(50).value());
  infer(Lane::kVision, 2, "m", OutputPlace{region, 1, 0, 50});
  const auto output = next_output().value();
  EXPECT_EQ(output.region, region->number());
  EXPECT_TRUE(output.strict);
  EXPECT_EQ(client_.held(Held::kSlabs), 0U);
}

TEST_F(LanesMemoryTest, Every_worker_that_knew_a_region_is_told_of_its_end) {
  bring_up(Lane::kVision);
  bring_up(Lane::kSpeech);
  const auto drops = [](FakeWorker& worker) {
    int count = 0;
    while (const auto received = worker.next_order()) {
      count += std::holds_alternative<order::DropRegion>(received->order);
    }
    return count;
  };
  RegionPtr region = regions_.add(SharedMemory::create(50).value());
  infer(Lane::kVision, 1, "m", OutputPlace{region, 1, 0, 50});
  result_takes(1, 0);
  workers_[0]->say(report::Done{1, report::Inferred{}});
  region.reset();
  EXPECT_EQ(drops(*workers_[0]), 1);
  EXPECT_EQ(drops(*workers_[1]), 0) << "it never knew it";
}

TEST_F(LanesMemoryTest, Of_a_client_that_is_gone_the_generative_worker_hears) {
  bring_up(Lane::kVision);
  bring_up(Lane::kGeneration);
  infer(Lane::kVision, 1, "m");
  infer(Lane::kGeneration, 2, "m");
  lanes().forget_client(7);
  EXPECT_EQ(workers_[1]->next<order::Infer>().asker->client, 7U);
  EXPECT_EQ(workers_[1]->next<order::Forget>().client, 7U);
  EXPECT_EQ(workers_[0]->next<order::Infer>().job, 1U);
  EXPECT_FALSE(workers_[0]->next_order());
}

TEST_F(LanesMemoryTest, Readings_are_passed_on) {
  bring_up(Lane::kVision);
  lanes().telemetry(Lane::kVision, 1);
  worker().say(report::Done{1, device::Telemetry{.temperature_celsius = 41}});
  EXPECT_EQ(temperature_, 41);
}

}  // namespace
}  // namespace npu::manager
