// The manager's side of src/wire/worker_link.md: what a worker is told, and what is made of what it
// says.
#include "manager/lanes/worker_link.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "manager/lanes/worker_link_test_support.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace order = wire::order;
namespace report = wire::report;
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WorkerLinkTest : public WorkerLinkFixture {};

TEST_F(WorkerLinkTest, A_worker_is_ready_when_it_says_so) {
  EXPECT_FALSE(link().is_ready());
  worker().be_ready({.kind = "fake", .id = "fake:7", .runs_at_once = 3});
  EXPECT_TRUE(link().is_ready());
  EXPECT_EQ(info_.id, "fake:7");
  EXPECT_EQ(info_.runs_at_once, 3);
  EXPECT_THAT(told_, ElementsAre("ready", "settle"));
}

TEST_F(WorkerLinkTest, A_load_comes_with_its_files) {
  broker::ModelSpec model = model_named("depth:/m");
  model.type = "depth";
  model.path = "/m";
  auto files = std::make_shared<LoadOrder>();
  files->params = R"({"a":1})";
  auto opened = std::make_shared<store::OpenedFile>();
  opened->path = "/m";
  opened->fd = UniqueFd(::memfd_create("model", MFD_CLOEXEC));
  opened->size = 5;
  opened->modified = 77;
  auto unopened = std::make_shared<store::OpenedFile>();
  unopened->path = "sim";
  files->files = {opened, unopened};
  model.load = files;
  link().load(1, model);

  EXPECT_EQ(worker().next<order::File>().job, 1U);
  EXPECT_TRUE(worker().take_fd());
  const auto load = worker().next<order::Load>();
  EXPECT_EQ(load.job, 1U);
  EXPECT_EQ(load.model, "depth:/m");
  EXPECT_EQ(load.type, "depth");
  EXPECT_EQ(load.path, "/m");
  ASSERT_EQ(load.files.size(), 2U);
  EXPECT_EQ(load.files[0].opened->bytes, 5U);
  EXPECT_EQ(load.files[0].opened->modified, 77);
  EXPECT_EQ(load.files[1].path, "sim");
  EXPECT_FALSE(load.files[1].opened);
  EXPECT_EQ(worker().json(), json::object({{"a", 1}}));
  EXPECT_FALSE(worker().take_fd()) << "of the one that was opened only";

  worker().say(report::Done{1, report::Loaded{1000, {{"model_info", 1}}}});
  EXPECT_THAT(told_, ElementsAre("model_loaded depth:/m", "loaded 1: ok", "settle"));
  EXPECT_EQ(reports_.loads.at(1).memory_bytes, 1000U);
  EXPECT_EQ(reports_.loads.at(1).info->info, json::object({{"model_info", 1}}));
}

TEST_F(WorkerLinkTest, Each_order_is_answered_as_the_worker_says) {
  link().load(1, model_named("m"));
  link().infer(2, model_named("m"), Priority::kInteractive, {}, work(), nullptr);
  link().unload(3, model_named("m"));
  link().release_group(4);
  link().telemetry(5);
  worker().next<order::Load>();
  worker().next<order::Infer>();
  EXPECT_EQ(worker().next<order::Unload>().model, "m");
  EXPECT_EQ(worker().next<order::ReleaseGroup>().job, 4U);
  EXPECT_EQ(worker().next<order::Telemetry>().job, 5U);

  worker().say(report::Done{5, device::Telemetry{.temperature_celsius = 41}});
  worker().say(report::Done{4, report::Finished{}});
  worker().say(report::Done{3, Error{ErrorCode::kInternal, "stays"}});
  worker().say(report::Done{2, Error{ErrorCode::kCancelled, "cancelled"}});
  worker().say(report::Done{1, Error{ErrorCode::kUnsupported, "what is this"}});
  EXPECT_THAT(
      answers(),
      ElementsAre("read 41", "telemetry 5", "unloaded 4: ok", "unloaded 3: internal: stays",
                  "inferred 2: cancelled: cancelled", "loaded 1: unsupported: what is this"));
}

TEST_F(WorkerLinkTest, An_inference_says_how_it_is_to_be_run) {
  auto streaming = work();
  streaming->input = R"({"x":1})";
  streaming->stream = true;
  link().infer(1, model_named("m"), Priority::kRealtime, {.client = 7, .user = 1000}, streaming,
               nullptr);
  const auto infer = worker().next<order::Infer>();
  EXPECT_EQ(infer.job, 1U);
  EXPECT_EQ(infer.model, "m");
  EXPECT_TRUE(infer.stream);
  EXPECT_EQ(infer.priority, Priority::kRealtime);
  EXPECT_FALSE(infer.output);
  EXPECT_FALSE(infer.asker) << "only where models keep conversations";
  EXPECT_EQ(worker().json(), json::object({{"x", 1}}));
}

TEST_F(WorkerLinkTest, A_generative_worker_knows_the_asker_until_he_is_gone) {
  start(Lane::kGeneration);
  link().infer(1, model_named("m"), Priority::kInteractive, {.client = 7, .user = 1000}, work(),
               nullptr);
  EXPECT_EQ(worker().next<order::Infer>().asker->client, 7U);
  link().forget_client(8);
  link().forget_client(7);
  link().forget_client(7);
  EXPECT_EQ(worker().next<order::Forget>().client, 7U);
  EXPECT_FALSE(worker().next_order()) << "whom it never heard of is not forgotten";
}

TEST_F(WorkerLinkTest, Only_what_runs_is_cancelled) {
  link().infer(1, model_named("m"), Priority::kInteractive, {}, work(), nullptr);
  worker().next<order::Infer>();
  link().cancel(2);
  link().cancel(1);
  EXPECT_EQ(worker().next<order::Cancel>().job, 1U);
  worker().say(report::Done{1, Error{ErrorCode::kCancelled, "cancelled"}});
  link().cancel(1);
  EXPECT_FALSE(worker().next_order());
}

TEST_F(WorkerLinkTest, Pieces_of_output_and_progress_are_passed_on) {
  link().infer(1, model_named("m"), Priority::kInteractive, {}, work(), nullptr);
  worker().say(report::Event{1, {{"text", "Hel"}}});
  worker().say(report::Progress{1});
  EXPECT_THAT(answers(), ElementsAre(R"(event 1 {"text":"Hel"})", "progress 1"));
}

TEST_F(WorkerLinkTest, What_does_not_fit_into_the_socket_is_sent_as_the_worker_reads) {
  auto large = work();
  large->input = R"({"x":")" + std::string(std::size_t{4} << 20, 'x') + R"("})";
  link().infer(1, model_named("m"), Priority::kInteractive, {}, large, nullptr);
  link().unload(2, model_named("m"));
  EXPECT_EQ(worker().next<order::Infer>().job, 1U);
  EXPECT_EQ(worker().json().at("x").as_string().size(), std::size_t{4} << 20);
  EXPECT_EQ(worker().next<order::Unload>().job, 2U);
}

TEST_F(WorkerLinkTest, A_closed_link_is_the_workers_sign_to_end) {
  link().infer(1, model_named("m"), Priority::kInteractive, {}, work(), nullptr);
  link().close();
  link().unload(2, model_named("m"));
  EXPECT_TRUE(worker().is_link_closed());
  EXPECT_FALSE(worker().is_killed());
  worker().exit("exited with status 0");
  EXPECT_THAT(answers(), ElementsAre("lost: device_lost: exited with status 0"));
}

TEST_F(WorkerLinkTest, What_a_worker_has_said_before_its_end_counts) {
  link().infer(1, model_named("m"), Priority::kInteractive, {}, work(), nullptr);
  worker().write(wire::encode(report::Done{1, report::Inferred{.result = 7}}));
  worker().exit("killed by signal 11");
  EXPECT_THAT(answers(), ElementsAre("inferred 1: ok", "lost: device_lost: killed by signal 11"));
}

TEST_F(WorkerLinkTest, Work_is_kept_until_no_worker_can_touch_its_memory) {
  auto given = work();
  const std::weak_ptr<InferWork> with_the_worker = given;
  link().infer(1, model_named("m"), Priority::kInteractive, {}, std::move(given), nullptr);
  link().kill_for("too slow");
  link().close();
  EXPECT_FALSE(with_the_worker.expired());
  worker().exit("killed by signal 9");
  EXPECT_TRUE(with_the_worker.expired());
}

TEST_F(WorkerLinkTest, The_first_reason_is_why_it_was_killed) {
  link().kill({ErrorCode::kUnavailable, "first"});
  EXPECT_TRUE(worker().is_killed());
  link().kill_for("second");
  worker().exit("killed by signal 9");
  EXPECT_THAT(answers(), ElementsAre("lost: unavailable: first"));
}

TEST_F(WorkerLinkTest, One_that_does_not_end_is_told_with_why_it_was_to_end) {
  link().kill_for("too slow");
  worker().hang("it hangs");
  EXPECT_THAT(answers(), ElementsAre("stuck: too slow; it hangs"));
  worker().exit("killed by signal 9");
  EXPECT_THAT(answers(), ElementsAre("stuck: too slow; it hangs", "lost: device_lost: too slow"));
}

}  // namespace
}  // namespace npu::manager
