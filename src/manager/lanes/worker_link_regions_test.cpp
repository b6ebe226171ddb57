// Shared memory between the manager and a worker: introduced, dropped, and come back with results.
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manager/lanes/worker_link_test_support.hpp"

namespace npu::manager {
namespace order = wire::order;
namespace report = wire::report;
namespace {

using ::testing::ElementsAre;

class WorkerLinkRegionsTest : public WorkerLinkFixture {
 protected:
  void infer(broker::JobId job, std::shared_ptr<InferWork> work, RegionPtr slab = nullptr) {
    link().infer(job, model_named("m"), Priority::kInteractive, {}, std::move(work),
                 std::move(slab));
  }
  std::shared_ptr<InferWork> work_in(const RegionPtr& region) {
    auto made = work();
    made->regions = {region};
    return made;
  }
  static report::Done inferred(broker::JobId job, std::size_t region_bytes = 0) {
    return {job, report::Inferred{.result = 1, .inference_ms = 2.5, .region_bytes = region_bytes}};
  }
};

TEST_F(WorkerLinkRegionsTest, A_region_is_introduced_once_with_its_descriptor) {
  const RegionPtr shared = region(100);
  std::memcpy(shared->bytes().data(), "hello", 5);
  infer(1, work_in(shared));
  infer(2, work_in(shared));
  const auto told = worker().next<order::Region>();
  EXPECT_EQ(told.region, shared->number());
  EXPECT_EQ(told.bytes, 100U);
  const auto mapped = SharedMemory::adopt(worker().take_fd(), 100, 100).value();
  EXPECT_EQ(std::memcmp(mapped.bytes().data(), "hello", 5), 0);
  EXPECT_EQ(worker().next<order::Infer>().job, 1U);
  EXPECT_EQ(worker().next<order::Infer>().job, 2U);
  EXPECT_FALSE(worker().take_fd());
}

TEST_F(WorkerLinkRegionsTest, A_region_that_has_ended_is_dropped_where_it_was_known) {
  RegionPtr shared = region(100);
  const RegionNumber number = shared->number();
  infer(1, work_in(shared));
  region(50);
  EXPECT_EQ(worker().next<order::Region>().region, number);
  worker().next<order::Infer>();
  shared.reset();
  EXPECT_FALSE(worker().next_order()) << "the work still names it";
  worker().say(inferred(1));
  EXPECT_EQ(worker().next<order::DropRegion>().region, number);
  EXPECT_FALSE(worker().next_order());
}

TEST_F(WorkerLinkRegionsTest, A_region_that_could_not_be_mapped_is_introduced_again) {
  const RegionPtr shared = region(100);
  infer(1, work_in(shared));
  worker().next<order::Region>();
  worker().next<order::Infer>();
  worker().say(report::RegionFailed{shared->number(), {ErrorCode::kOverloaded, "no room"}});
  worker().say(report::RegionFailed{999, {ErrorCode::kOverloaded, "of which nobody knows"}});
  infer(2, work_in(shared));
  EXPECT_EQ(worker().next<order::Region>().region, shared->number());
  EXPECT_EQ(worker().next<order::Infer>().job, 2U);
  infer(3, work_in(shared));
  EXPECT_EQ(worker().next<order::Infer>().job, 3U);
}

TEST_F(WorkerLinkRegionsTest, The_place_that_the_client_named_is_the_only_one) {
  const RegionPtr shared = region(100);
  auto placed = work();
  placed->output = OutputPlace{shared, 1, 40, 60};
  infer(1, placed, region(500));
  EXPECT_EQ(worker().next<order::Region>().region, shared->number());
  const auto output = worker().next<order::Infer>().output.value();
  EXPECT_EQ(output.region, shared->number());
  EXPECT_EQ(output.offset, 40U);
  EXPECT_EQ(output.bytes, 60U);
  EXPECT_TRUE(output.strict);
}

TEST_F(WorkerLinkRegionsTest, A_slab_is_offered_for_the_result_and_kept_with_it) {
  RegionPtr slab = region(500);
  const RegionNumber number = slab->number();
  infer(1, work(), std::move(slab));
  EXPECT_EQ(worker().next<order::Region>().region, number);
  const auto output = worker().next<order::Infer>().output.value();
  EXPECT_EQ(output.region, number);
  EXPECT_EQ(output.bytes, 500U);
  EXPECT_FALSE(output.strict);
  worker().say(inferred(1));
  const auto result = reports_.results.at(1);
  EXPECT_EQ(result->region->number(), number);
  EXPECT_EQ(result->result, 1);
  EXPECT_EQ(result->inference_ms, 2.5);
}

TEST_F(WorkerLinkRegionsTest, A_result_in_memory_of_its_own_is_the_clients) {
  auto asked = work();
  const ClientQuota::Client client = asked->client;
  infer(1, std::move(asked), region(10));
  const auto memory = SharedMemory::create(200).value();
  std::memcpy(memory.bytes().data(), "result", 6);
  worker().say(inferred(1, 200), memory.fd());
  ASSERT_THAT(answers(), ElementsAre("inferred 1: ok"));
  const RegionPtr adopted = reports_.results.at(1)->region;
  EXPECT_EQ(adopted->bytes().size(), 200U);
  EXPECT_EQ(std::memcmp(adopted->bytes().data(), "result", 6), 0);
  EXPECT_EQ(adopted->fd(), -1) << "a mapping needs none";
  EXPECT_EQ(client.held(Held::kSlabs), 1U);
}

TEST_F(WorkerLinkRegionsTest, What_a_result_takes_is_remembered) {
  infer(1, work());
  worker().say(report::Done{1, report::Inferred{.result = 1, .output_bytes = 1234}});
  EXPECT_EQ(output_took_, 1234U);
}

TEST_F(WorkerLinkRegionsTest, A_result_whose_memory_is_not_there_fails) {
  infer(1, work());
  worker().say(inferred(1, 200));
  infer(2, work());
  const auto memory = SharedMemory::create(100).value();
  worker().say(inferred(2, 200), memory.fd());
  EXPECT_EQ(answers().at(0), "inferred 1: internal: the worker sent a result without its memory");
  EXPECT_EQ(answers().at(1),
            "inferred 2: internal: the worker sent memory that cannot be used: the region was said "
            "to have 200 bytes, it has 100")
      << "no mistake of the client";
  EXPECT_FALSE(worker().is_killed());
}

}  // namespace
}  // namespace npu::manager
