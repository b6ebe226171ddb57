// Drives the real hailo-device-worker over a socket, as the manager does.
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "fakes/temp_dir.hpp"
#include "wire/tensor_json.hpp"
#include "worker/worker_messages_test_support.hpp"
#include "worker/worker_process_test_support.hpp"

namespace npu::worker {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kRegion = 3;

std::string model(std::string_view name) {
  return std::string(NPU_TEST_MODELS "/") + std::string(name);
}

json::object depth_input(Shape shape, std::size_t offset = 0) {
  return {{"input", wire::region_tensor(DType::kUint8, shape, kRegion, offset)}};
}

json::object output_at(std::size_t offset, std::size_t size, bool strict = false) {
  return {{"region", kRegion}, {"offset", offset}, {"size", size}, {"strict", strict}};
}

// What holds on every device.
class AnyDevice : public testing::TestWithParam<const char*> {
 protected:
  void start(std::vector<std::string> more = {}, std::vector<std::string> environment = {}) {
    std::vector<std::string> arguments{"--device",      GetParam(),
                                       "--threads",     "1",
                                       "--sim-profile", dir_.file("profile.yaml", kProfile)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    worker_ = std::make_unique<WorkerProcess>(std::move(arguments), std::move(environment));
    ready_ = worker_->receive();
  }
  void start_with_depth() {
    start();
    memory_ = worker_->region(kRegion, kInputBytes + kOutputBytes);
    const auto loaded = worker_->ask(load_message(1, "d", "depth", model("depth_mean.onnx")));
    ASSERT_FALSE(loaded.contains("error")) << json::serialize(loaded);
  }

  static constexpr std::size_t kInputBytes = 256 * 320 * 3;
  static constexpr std::size_t kOutputBytes = 256 * 320 * 4;
  fakes::TempDir dir_;
  std::unique_ptr<WorkerProcess> worker_;
  json::object ready_;
  SharedMemory memory_;
};

// In the picture's place: what makes both devices answer 5 in the first element.
void paint(std::span<std::byte> picture) { std::memset(picture.data(), 5, 3); }

float first_float(std::span<const std::byte> bytes) {
  float value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

TEST_P(AnyDevice, Says_ready_with_its_build_and_device) {
  start();
  EXPECT_EQ(ready_.at("op"), "ready");
  EXPECT_FALSE(ready_.at("build").as_string().empty());
  EXPECT_EQ(ready_.at("device").at("kind"), GetParam());
  for (const char* field : {"id", "architecture", "firmware", "memory_bytes", "group_release"}) {
    EXPECT_TRUE(ready_.at("device").as_object().contains(field)) << field;
  }
}

TEST_P(AnyDevice, Writes_the_result_into_the_named_output) {
  start_with_depth();
  paint(memory_.bytes());
  auto message = infer_message(2, "d", depth_input({256, 320, 3}));
  message["output"] = output_at(kInputBytes, kOutputBytes, true);
  const auto done = worker_->ask(message);
  ASSERT_FALSE(done.contains("error")) << json::serialize(done);
  EXPECT_EQ(json::serialize(done.at("result")),
            R"({"dtype":"float32","shape":[256,320,1],"region":3,"offset":245760})");
  EXPECT_EQ(done.at("output_bytes").to_number<std::size_t>(), kOutputBytes);
  EXPECT_GE(done.at("inference_ms").to_number<double>(), 0);
  EXPECT_FALSE(done.contains("region_size"));
  EXPECT_EQ(first_float(memory_.bytes().subspan(kInputBytes)), 5);
}

TEST_P(AnyDevice, A_result_without_place_comes_in_a_region_of_its_own) {
  start_with_depth();
  paint(memory_.bytes());
  auto too_small = infer_message(3, "d", depth_input({256, 320, 3}));
  too_small["output"] = output_at(kInputBytes, 100);
  for (const auto& message : {infer_message(2, "d", depth_input({256, 320, 3})), too_small}) {
    const auto done = worker_->ask(message);
    ASSERT_FALSE(done.contains("error")) << json::serialize(done);
    EXPECT_EQ(done.at("result").at("region").to_number<int>(), 0);
    EXPECT_EQ(done.at("region_size").to_number<std::size_t>(), kOutputBytes);
    const auto result = SharedMemory::adopt(worker_->take_descriptor(), kOutputBytes, kOutputBytes);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(first_float(result->bytes()), 5);
  }
}

TEST_P(AnyDevice, A_strict_output_that_is_too_small_fails_the_request) {
  start_with_depth();
  auto message = infer_message(2, "d", depth_input({256, 320, 3}));
  message["output"] = output_at(kInputBytes, kOutputBytes - 1, true);
  EXPECT_EQ(code_of(worker_->ask(message)), "too_large");
}

TEST_P(AnyDevice, A_wrong_request_fails_and_the_next_one_works) {
  start_with_depth();
  const auto wrong = worker_->ask(infer_message(2, "d", depth_input({255, 320, 3})));
  EXPECT_EQ(code_of(wrong), "invalid_argument");
  EXPECT_EQ(wrong.at("error").at("message"),
            "input must be uint8 (256, 320, 3), got uint8 (255, 320, 3)");
  EXPECT_EQ(code_of(worker_->ask(infer_message(3, "other", {}))), "not_found");
  EXPECT_EQ(code_of(worker_->ask(infer_message(4, "d", depth_input({256, 320, 3})))), "no error");
}

TEST_P(AnyDevice, Files_that_are_no_models_are_errors_of_their_request) {
  start();
  const auto code = [&](std::string_view path) {
    return code_of(worker_->ask(load_message(1, "m", "depth", path)));
  };
  EXPECT_EQ(code(dir_.file("empty.onnx", "")), "malformed");
  EXPECT_EQ(code(dir_.path("missing.onnx")), "not_found");
  EXPECT_EQ(code(dir_.path(".")), "malformed");
  EXPECT_EQ(code_of(worker_->ask(load_message(2, "m", "yolo", model("depth_mean.onnx")))),
            "invalid_argument");
  EXPECT_EQ(code(model("depth_mean.onnx")), "no error");
}

TEST_P(AnyDevice, A_passed_descriptor_is_the_model) {
  start();
  const UniqueFd fd(::open(model("depth_mean.onnx").c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  ASSERT_EQ(::fstat(fd.get(), &info), 0);
  auto message = load_message(1, "d", "depth", "/nowhere/depth_mean.onnx");
  auto& file = message["files"].at(0).as_object();
  file["bytes"] = info.st_size;
  file["modified"] = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
  const auto load = [&] {
    worker_->send(json::object{{"op", "file"}, {"job", 1}}, fd.get());
    return worker_->ask(message);
  };
  const auto done = load();
  EXPECT_EQ(code_of(done), "no error") << json::serialize(done);
  file["modified"] = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec + 1;
  const auto changed = load();
  EXPECT_EQ(code_of(changed), "malformed") << json::serialize(changed);
}

TEST_P(AnyDevice, An_unloaded_model_is_gone) {
  start_with_depth();
  EXPECT_EQ(code_of(worker_->ask(json::object{{"op", "unload"}, {"job", 2}, {"model", "d"}})),
            "no error");
  EXPECT_EQ(code_of(worker_->ask(infer_message(3, "d", depth_input({256, 320, 3})))), "not_found");
  EXPECT_EQ(code_of(worker_->ask(json::object{{"op", "unload"}, {"job", 4}, {"model", "d"}})),
            "no error");
}

TEST_P(AnyDevice, Releasing_the_group_drops_every_model) {
  start_with_depth();
  EXPECT_EQ(code_of(worker_->ask(json::object{{"op", "release_group"}, {"job", 2}})), "no error");
  EXPECT_EQ(code_of(worker_->ask(infer_message(3, "d", depth_input({256, 320, 3})))), "not_found");
}

TEST_P(AnyDevice, A_dropped_region_is_not_read_any_more) {
  start_with_depth();
  worker_->send(json::object{{"op", "drop_region"}, {"region", kRegion}});
  EXPECT_EQ(code_of(worker_->ask(infer_message(2, "d", depth_input({256, 320, 3})))), "internal");
}

TEST_P(AnyDevice, Telemetry_has_every_reading_or_null) {
  start();
  const auto done = worker_->ask(json::object{{"op", "telemetry"}, {"job", 8}});
  const auto& telemetry = done.at("telemetry").as_object();
  EXPECT_TRUE(telemetry.at("memory_used_bytes").is_number());
  EXPECT_TRUE(telemetry.contains("temperature_celsius"));
  EXPECT_TRUE(telemetry.contains("utilisation"));
}

TEST_P(AnyDevice, Ends_well_when_the_link_closes_and_not_by_signals) {
  start();
  worker_->signal(SIGTERM);
  worker_->signal(SIGINT);
  EXPECT_EQ(worker_->ask(json::object{{"op", "telemetry"}, {"job", 8}}).at("op"), "done");
  worker_->close_link();
  EXPECT_EQ(worker_->wait(), 0);
}

TEST_P(AnyDevice, Ends_badly_on_a_message_that_the_manager_cannot_have_meant) {
  const std::string kWrong[] = {
      "no json",
      "[1]",
      R"({"op":"dance"})",
      R"({"job":1})",
      R"({"op":"infer","job":"x"})",
      R"({"op":"infer","job":-1,"model":"m","input":{}})",
      R"({"op":"infer","job":1,"model":"m","input":3})",
      R"({"op":"load","job":1})",
      R"({"op":"region","region":1,"size":4096})",
      R"({"op":"cancel"})",
      R"({"op":"load","job":1,"model":"m","type":"depth","path":"p","params":{},"files":[{"path":"p","bytes":1,"modified":1}]})",
      R"({"op":"infer","job":1,"model":"m","input":{},"output":{"region":99,"offset":0,"size":1}})"};
  for (const auto& text : kWrong) {
    start();
    worker_->send_raw(wire::encode_text(text));
    EXPECT_TRUE(worker_->at_end()) << text;
    EXPECT_EQ(worker_->wait(), 1) << text;
  }
}

#ifdef NPU_HAVE_ONNX
constexpr const char* kDevices[] = {"sim", "onnx"};
#else
constexpr const char* kDevices[] = {"sim"};
#endif
INSTANTIATE_TEST_SUITE_P(Worker, AnyDevice, testing::ValuesIn(kDevices),
                         [](const auto& device) { return std::string(device.param); });

}  // namespace
}  // namespace npu::worker
