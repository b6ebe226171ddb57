#include "hailort_fake_test_support.hpp"

#include <array>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace npu::fakes {
namespace {

std::string camera(const char* name, int megabytes, int run_ms) {
  return fmt::format(R"yaml(
  {}:
    kind: tensor
    size_mb: {}
    load_ms: 20
    run_ms: {}
    inputs: [{{name: camera/in, dtype: uint8, shape: [4, 4, 3]}}]
    outputs: [{{name: camera/out, dtype: float32, shape: [10]}}])yaml",
                     name, megabytes, run_ms);
}

std::string talker(const char* name, int context, const char* script) {
  return fmt::format(R"yaml(
  {}:
    kind: text
    size_mb: 100
    load_ms: 20
    first_token_ms: 300
    tokens_per_second: 100
    context: {}
    end_text: "<|im_end|>"
    script: ["{}"])yaml",
                     name, context, script);
}

std::string profile() {
  std::string long_text;
  for (int i = 0; i < 3000; ++i) long_text += fmt::format("w{} ", i);
  return R"yaml(
name: bench
architecture: HAILO10H
memory_mb: 1000
temperature_celsius: 48.5
models:)yaml" +
         camera("camera", 10, 50) + camera("lens", 10, 50) + camera("slow", 10, 3000) +
         camera("quick", 10, 0) + camera("heavy", 600, 0) + camera("heavier", 600, 0) +
         talker("talker", 64, "one two three four") + talker("speaker", 64, "five six") +
         talker("endless", 100000, long_text.c_str()) + R"yaml(
  seer:
    kind: text
    size_mb: 100
    first_token_ms: 30
    tokens_per_second: 1000
    context: 2048
    end_text: "<|im_end|>"
    frame: {dtype: uint8, shape: [56, 56, 3]}
    script: ["I see"]
  ears: {kind: speech, size_mb: 50, first_token_ms: 300, tokens_per_second: 1000, window_s: 10}
)yaml";
}

constexpr const char* kVariables[] = {
    "HAILO_FAKE_FIRMWARE", "HAILO_FAKE_PROFILE", "HAILO_FAKE_VERSION", "HAILO_FAKE_TIME_SCALE",
    "HAILO_SIM_STATE",     "HAILO_SIM_FAULTS",   "HAILO_FAKE_RUNS"};

}  // namespace

FakeBench::FakeBench() {
  set("HAILO_FAKE_PROFILE", folder.file("profile.yaml", profile()));
  set("HAILO_FAKE_TIME_SCALE", kScale);
  set("HAILO_SIM_STATE", folder.path("chip"));
  set("HAILO_SIM_FAULTS", folder.path("faults"));
}

FakeBench::~FakeBench() {
  for (const char* variable : kVariables) ::unsetenv(variable);
}

void FakeBench::set(const char* variable, const std::string& value) {
  ::setenv(variable, value.c_str(), 1);
}

hailo_vdevice_params_t FakeBench::params(const char* group) {
  hailo_vdevice_params_t params{};
  EXPECT_EQ(hailo_init_vdevice_params(&params), HAILO_SUCCESS);
  params.group_id = group;
  return params;
}

std::shared_ptr<hailort::VDevice> FakeBench::vdevice(const char* group) {
  auto made = hailort::VDevice::create_shared(params(group));
  if (!made) {
    ADD_FAILURE() << "no VDevice: " << made.status();
    std::abort();
  }
  return made.release();
}

hailo_status FakeBench::vdevice_status(const char* group) {
  return hailort::VDevice::create(params(group)).status();
}

hailo_status FakeBench::configure_status(hailort::VDevice& on, const std::string& path) {
  auto made = on.create_infer_model(path);
  return made ? made.value()->configure().status() : made.status();
}

hailort::ConfiguredInferModel FakeBench::configured(hailort::VDevice& on, const std::string& path) {
  auto made = on.create_infer_model(path);
  if (made) {
    auto ready = made.value()->configure();
    if (ready) return ready.release();
    ADD_FAILURE() << "not configured: " << ready.status();
  }
  ADD_FAILURE() << "not created: " << made.status();
  std::abort();
}

Shot::Shot(hailort::ConfiguredInferModel& model, std::uint8_t value)
    : input(48, value), output(10, 0xFFFF) {
  auto made = model.create_bindings(
      {{"camera/in", hailort::MemoryView(input.data(), input.size())},
       {"camera/out", hailort::MemoryView(output.data(), output.size() * sizeof(output[0]))}});
  EXPECT_EQ(made.status(), HAILO_SUCCESS);
  if (made) bindings = made.release();
}

Peer::Peer() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  EXPECT_EQ(::pipe2(in.data(), O_CLOEXEC), 0);
  EXPECT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::string program = FAKE_PEER;
  char* arguments[] = {program.data(), nullptr};
  EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_.reset(in[1]);
  from_.reset(out[0]);
}

Peer::~Peer() {
  if (pid_ > 0) kill();
}

void Peer::kill() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Peer::send(const std::string& command) {
  const std::string line = command + "\n";
  EXPECT_EQ(::write(to_.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
}

std::string Peer::hear() {
  std::string line;
  for (char c = 0; ::read(from_.get(), &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

bool Peer::answers_within(std::chrono::milliseconds time) {
  pollfd wait{.fd = from_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, static_cast<int>(time.count())) > 0;
}

std::string Peer::say(const std::string& command) {
  send(command);
  return hear();
}

}  // namespace npu::fakes
