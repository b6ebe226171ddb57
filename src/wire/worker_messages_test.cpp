#include "wire/worker_messages.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "wire/frame.hpp"

namespace npu::wire {
namespace {

std::string json_of(const std::string& frame) {
  EXPECT_GT(frame.size(), kHeaderBytes);
  const auto head = std::as_bytes(std::span(frame)).first<kHeaderBytes>();
  EXPECT_EQ(decode_length(head), frame.size() - kHeaderBytes);
  return frame.substr(kHeaderBytes);
}

std::span<const std::byte> payload_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <class T>
T sent(const Order& order, std::string_view json = {}) {
  const auto received = decode_order(payload_of(json_of(encode(order, json))));
  EXPECT_TRUE(received) << received.error().message;
  if (!json.empty()) {
    EXPECT_EQ(boost::json::serialize(received->json), json);
  }
  return std::get<T>(received.value().order);
}

template <class T>
T sent(const Report& report) {
  auto received = decode_report(payload_of(json_of(encode(report))));
  EXPECT_TRUE(received) << received.error().message;
  return std::get<T>(std::move(received).value());
}

template <class T>
T outcome(report::Outcome outcome) {
  auto done = sent<report::Done>(report::Done{7, std::move(outcome)});
  EXPECT_EQ(done.job, 7U);
  return std::get<T>(std::move(done.outcome));
}

std::string order_error(std::string_view text) {
  const auto received = decode_order(payload_of(text));
  if (received) return "";
  EXPECT_EQ(received.error().code, ErrorCode::kMalformed);
  return received.error().message;
}

std::string report_error(std::string_view text) {
  const auto received = decode_report(payload_of(text));
  if (received) return "";
  EXPECT_EQ(received.error().code, ErrorCode::kMalformed);
  return received.error().message;
}

TEST(WorkerOrders, Are_read_as_they_were_written) {
  const auto region = sent<order::Region>(order::Region{7, 4096});
  EXPECT_EQ(region.region, 7U);
  EXPECT_EQ(region.bytes, 4096U);
  EXPECT_EQ(sent<order::DropRegion>(order::DropRegion{8}).region, 8U);
  EXPECT_EQ(sent<order::File>(order::File{9}).job, 9U);
  EXPECT_EQ(sent<order::Cancel>(order::Cancel{10}).job, 10U);
  EXPECT_EQ(sent<order::ReleaseGroup>(order::ReleaseGroup{11}).job, 11U);
  EXPECT_EQ(sent<order::Telemetry>(order::Telemetry{12}).job, 12U);
  EXPECT_EQ(sent<order::Forget>(order::Forget{14}).client, 14U);
  const auto unload = sent<order::Unload>(order::Unload{13, "a \"key\""});
  EXPECT_EQ(unload.job, 13U);
  EXPECT_EQ(unload.model, "a \"key\"");
}

TEST(WorkerOrders, A_load_names_its_files_and_says_which_of_them_are_open) {
  const order::Load load{
      .job = 1,
      .model = "key",
      .type = "depth",
      .path = "/m/\xff.hef",
      .files = {{"/m/a.hef", order::LoadFile::Opened{1U << 20, -5}}, {"b", {}, {{"head", "dfl"}}}}};
  const auto read = sent<order::Load>(load, R"({"k":[1,2]})");
  EXPECT_EQ(read.job, 1U);
  EXPECT_EQ(read.model, "key");
  EXPECT_EQ(read.type, "depth");
  EXPECT_EQ(read.path, "/m/\xef\xbf\xbd.hef");
  ASSERT_EQ(read.files.size(), 2U);
  EXPECT_EQ(read.files[0].path, "/m/a.hef");
  EXPECT_EQ(read.files[0].opened.value().bytes, 1U << 20);
  EXPECT_EQ(read.files[0].opened->modified, -5);
  EXPECT_EQ(read.files[1].path, "b");
  EXPECT_FALSE(read.files[1].opened);
  EXPECT_TRUE(read.files[0].description.empty());
  EXPECT_EQ(read.files[1].description.at("head"), "dfl");
}

TEST(WorkerOrders, An_inference_has_its_class_and_its_place) {
  order::Infer infer{.job = 2, .model = "key", .stream = true, .priority = Priority::kRealtime};
  EXPECT_FALSE(sent<order::Infer>(infer, "{}").output);
  EXPECT_FALSE(sent<order::Infer>(infer, "{}").asker);
  infer.asker = {.client = 9, .user = 4294967295U};
  infer.output = {.region = 7, .offset = 64, .bytes = 128, .strict = true};
  const auto read = sent<order::Infer>(infer, R"({"input":"x"})");
  EXPECT_EQ(read.job, 2U);
  EXPECT_EQ(read.model, "key");
  EXPECT_TRUE(read.stream);
  EXPECT_EQ(read.priority, Priority::kRealtime);
  ASSERT_TRUE(read.output);
  EXPECT_EQ(read.output->region, 7U);
  EXPECT_EQ(read.output->offset, 64U);
  EXPECT_EQ(read.output->bytes, 128U);
  EXPECT_TRUE(read.output->strict);
  ASSERT_TRUE(read.asker);
  EXPECT_EQ(read.asker->client, 9U);
  EXPECT_EQ(read.asker->user, 4294967295U);
}

TEST(WorkerOrders, What_the_manager_cannot_have_meant_is_malformed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"op":"dance"})", "there is no op 'dance'"},
      {R"({})", "there is no op ''"},
      {R"([])", "a message must be a JSON object"},
      {R"({"op":"cancel"})", "cancel.job is missing"},
      {R"({"op":"infer","job":"x","model":"m","input":{}})",
       "infer.job must be a whole number that is not negative, got \"x\""},
      {R"({"op":"infer","job":1,"model":"m"})", "infer.input is missing"},
      {R"({"op":"infer","job":1,"model":"m","input":3})", "infer.input must be an object, got 3"},
      {R"({"op":"infer","job":1,"model":"m","input":{},"priority":"urgent"})",
       "infer.priority must be realtime, interactive or batch, got \"urgent\""},
      {R"({"op":"infer","job":1,"model":"m","input":{},"output":{"region":1,"offset":0}})",
       "infer.output.size is missing"},
      {R"({"op":"infer","job":1,"model":"m","input":{},"client":3})", "infer.user is missing"},
      {R"({"op":"forget","client":-1})",
       "forget.client must be a whole number that is not negative, got -1"},
      {R"({"op":"region","region":1,"size":1e18})",
       "region.size must be a whole number in 0..281474976710656, got 1e+18"},
      {R"({"op":"load","job":1,"model":"m","type":"t","path":"p","params":{}})",
       "load.files is missing"},
      {R"({"op":"load","job":1,"model":"m","type":"t","path":"p","params":{},"files":[3]})",
       "load.files must be a list of objects"},
      {R"({"op":"load","job":1,"model":"m","type":"t","path":"p","params":{},)"
       R"("files":[{"path":"p","bytes":1}]})",
       "load.files.modified is missing"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(order_error(text), message) << text;
}

TEST(WorkerReports, A_worker_says_what_device_it_has) {
  report::Ready ready{"1.2", {}};
  ready.device = {.kind = "sim",
                  .id = "sim:hailo10h",
                  .architecture = "HAILO10H",
                  .firmware = "5.1",
                  .memory_bytes = 8U << 20,
                  .group_release = true,
                  .runs_at_once = 3,
                  .confinement = "files"};
  const auto read = sent<report::Ready>(ready);
  EXPECT_EQ(read.build, "1.2");
  EXPECT_EQ(read.device.kind, "sim");
  EXPECT_EQ(read.device.id, "sim:hailo10h");
  EXPECT_EQ(read.device.architecture, "HAILO10H");
  EXPECT_EQ(read.device.firmware, "5.1");
  EXPECT_EQ(read.device.memory_bytes, 8U << 20);
  EXPECT_TRUE(read.device.group_release);
  EXPECT_EQ(read.device.runs_at_once, 3);
  EXPECT_EQ(read.device.confinement, "files");
}

TEST(WorkerReports, A_worker_of_another_build_is_understood_far_enough_to_be_told_from_ours) {
  const auto read = decode_report(payload_of(R"({"op":"ready","build":"9","device":{"id":5}})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<report::Ready>(*read).build, "9");
  EXPECT_EQ(std::get<report::Ready>(*read).device.runs_at_once, 1);
}

TEST(WorkerReports, Errors_keep_their_code_their_text_and_when_to_try_again) {
  const Error error{ErrorCode::kBusy, "another \"program\" \xff", Millis(1500)};
  for (const Error& read :
       {sent<report::Failed>(report::Failed{error}).error,
        sent<report::Lost>(report::Lost{error}).error,
        sent<report::RegionFailed>(report::RegionFailed{3, error}).error, outcome<Error>(error)}) {
    EXPECT_EQ(read.code, ErrorCode::kBusy);
    EXPECT_EQ(read.message, "another \"program\" \xef\xbf\xbd");
    EXPECT_EQ(read.retry_after, Millis(1500));
  }
  EXPECT_EQ(sent<report::RegionFailed>(report::RegionFailed{3, error}).region, 3U);
}

TEST(WorkerReports, Pieces_and_progress_name_their_job) {
  const auto event = sent<report::Event>(report::Event{5, {{"text", "a"}}});
  EXPECT_EQ(event.job, 5U);
  EXPECT_EQ(event.event.at("text"), "a");
  EXPECT_EQ(sent<report::Progress>(report::Progress{6}).job, 6U);
}

TEST(WorkerReports, Every_end_of_a_job_is_told_from_every_other) {
  outcome<report::Finished>(report::Finished{});
  const auto loaded = outcome<report::Loaded>(report::Loaded{12, {{"k", 1}}});
  EXPECT_EQ(loaded.memory_bytes, 12U);
  EXPECT_EQ(loaded.info.at("k"), 1);
  EXPECT_TRUE(outcome<report::Loaded>(report::Loaded{}).info.empty());
  const auto inferred =
      outcome<report::Inferred>(report::Inferred{nullptr, 1.25, std::size_t{1} << 33, 4096});
  EXPECT_TRUE(inferred.result.is_null());
  EXPECT_EQ(inferred.inference_ms, 1.25);
  EXPECT_EQ(inferred.output_bytes, std::size_t{1} << 33);
  EXPECT_EQ(inferred.region_bytes, 4096U);
  EXPECT_EQ(outcome<report::Inferred>(report::Inferred{"text"}).region_bytes, 0U);
  const auto readings = outcome<device::Telemetry>(
      device::Telemetry{.temperature_celsius = 51.5, .memory_used_bytes = 7});
  EXPECT_EQ(readings.temperature_celsius, 51.5);
  EXPECT_EQ(readings.memory_used_bytes, 7U);
  EXPECT_FALSE(readings.utilisation);
}

TEST(WorkerReports, What_a_worker_says_wrongly_is_malformed_and_never_a_number_that_overflows) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"op":"dance"})", "there is no op 'dance'"},
      {R"({"op":"done"})", "done.job is missing"},
      {R"({"op":"done","job":-1})", "done.job must be a whole number that is not negative, got -1"},
      {R"({"op":"done","job":1,"error":"no"})", R"(done.error must be an object, got "no")"},
      {R"({"op":"done","job":1,"info":3})", "done.info must be an object, got 3"},
      {R"({"op":"done","job":1,"memory_bytes":18446744073709551615,"info":{}})",
       "done.memory_bytes must be a whole number in 0..281474976710656, got 18446744073709551615"},
      {R"({"op":"done","job":1,"result":1,"output_bytes":9223372036854775807})",
       "done.output_bytes must be a whole number in 0..281474976710656, got 9223372036854775807"},
      {R"({"op":"done","job":1,"result":1,"region_size":-1})",
       "done.region_size must be a whole number in 0..281474976710656, got -1"},
      {R"({"op":"done","job":1,"result":1,"inference_ms":1e300})",
       "done.inference_ms must be a number in 0..1000000000000, got 1e+300"},
      {R"({"op":"done","job":1,"result":1,"inference_ms":NaN})",
       "a number is NaN or infinite; the numbers of JSON are finite"},
      {R"({"op":"done","job":1,"telemetry":{"memory_used_bytes":-1}})",
       "done.telemetry.memory_used_bytes must be a whole number in 0..281474976710656, got -1"},
      {R"({"op":"event","job":1,"event":[]})", "event.event must be an object, got a list"},
      {R"({"op":"failed"})", "failed.error is missing"},
      {R"({"op":"region_failed","error":{}})", "region_failed.region is missing"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(report_error(text), message) << text;
}

TEST(WorkerReports, What_is_only_passed_on_is_cut) {
  const std::string long_text(100'000, 'x');
  const auto failed = sent<report::Failed>(
      report::Failed{Error{ErrorCode::kInternal, long_text, Millis(1) * (1LL << 60)}});
  EXPECT_LE(failed.error.message.size(), 10'000U);
  EXPECT_EQ(failed.error.retry_after, std::chrono::hours(24));
  const auto many =
      decode_report(payload_of(R"({"op":"ready","build":"1","device":{"runs_at_once":1000000}})"));
  EXPECT_EQ(std::get<report::Ready>(many.value()).device.runs_at_once, 64);
}

}  // namespace
}  // namespace npu::wire
