// What goes wrong on order.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

using hailort::Device;
using hailort::VDevice;
using hailort::genai::LLM;
using hailort::genai::Speech2Text;
using Status = hailort::genai::LLMGeneratorCompletion::Status;
using std::chrono::steady_clock;

class FakeFault : public FakeBench {};

TEST_F(FakeFault, Connecting_fails_with_any_status) {
  for (const int status : {76, 15, 16, 23, 78, 86, 2, 36, 89, 62}) {
    faults("  - {op: connect, kind: status, status: " + std::to_string(status) + ", id: v" +
           std::to_string(status) + ", model: vdevice}\n");
    EXPECT_EQ(vdevice_status("SHARED"), static_cast<hailo_status>(status));
    faults("  - {op: connect, kind: status, status: " + std::to_string(status) + ", id: d" +
           std::to_string(status) + ", model: device}\n");
    EXPECT_EQ(Device::create().status(), static_cast<hailo_status>(status));
  }
}

TEST_F(FakeFault, Where_there_is_no_device_or_no_driver_none_is_listed) {
  faults("  - {op: scan, kind: device_lost}\n");
  const auto none = Device::scan();
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_EQ(Device::scan().status(), HAILO_SUCCESS);
}

TEST_F(FakeFault, A_device_that_has_gone_is_an_invalid_one) {
  faults("  - {op: scan, kind: device_lost}\n");
  EXPECT_EQ(vdevice_status("SHARED"), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(Device::create("0001:09:00.0").status(), HAILO_INVALID_ARGUMENT);
}

TEST_F(FakeFault, Memory_ends_with_any_of_its_statuses) {
  const auto mine = vdevice();
  for (const int status : {3, 71, 81, 47, 8}) {
    const std::string text = std::to_string(status);
    faults("  - {op: load, kind: out_of_memory, status: " + text + "}\n");
    EXPECT_EQ(configure_status(*mine, model("camera")), static_cast<hailo_status>(status));
    faults("  - {op: load, kind: out_of_memory, status: " + text + ", id: speech}\n");
    EXPECT_EQ(Speech2Text::create(mine, {model("ears")}).status(),
              static_cast<hailo_status>(status));
  }
}

TEST_F(FakeFault, A_lost_device_takes_its_connection_only) {
  const auto mine = vdevice();
  const auto other = vdevice();
  auto ready = configured(*mine, model("camera"));
  Shot shot(ready);
  faults("  - {op: infer, kind: device_lost}\n");
  EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_COMMUNICATION_CLOSED);
  EXPECT_EQ(ready.run_async(shot.bindings).status(), HAILO_COMMUNICATION_CLOSED);
  EXPECT_EQ(configure_status(*mine, model("lens")), HAILO_COMMUNICATION_CLOSED);
  EXPECT_EQ(configure_status(*other, model("lens")), HAILO_SUCCESS);
}

TEST_F(FakeFault, An_inference_fails_with_a_status_or_answers_wrongly) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  Shot shot(ready);
  faults(
      "  - {op: infer, kind: status, status: 87}\n"
      "  - {op: infer, kind: wrong_output, value: zero, after: 1}\n");
  EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_DRIVER_TIMEOUT);
  EXPECT_EQ(shot.output[0], 0xFFFF);
  EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_SUCCESS);
  EXPECT_EQ(shot.output, std::vector<std::uint16_t>(10, 0));
}

TEST_F(FakeFault, A_frame_that_hangs_stops_its_model_and_what_waits_for_that) {
  set("HAILO_FAKE_TIME_SCALE", "0.05");
  auto mine = vdevice();
  auto ready = std::make_unique<hailort::ConfiguredInferModel>(configured(*mine, model("camera")));
  Shot shot(*ready);
  faults("  - {op: infer, kind: hang}\n");
  auto job = ready->run_async(shot.bindings);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->wait(100ms), HAILO_TIMEOUT);
  // The core is free for others.
  auto other = configured(*mine, model("lens"));
  Shot other_shot(other);
  EXPECT_EQ(other.run(other_shot.bindings, 60s), HAILO_SUCCESS);
  EXPECT_EQ(ready->shutdown(), HAILO_TIMEOUT);
  mine.reset();
  ready.reset();
  EXPECT_EQ(vdevice_status("OTHER"), HAILO_SUCCESS);
}

TEST_F(FakeFault, A_call_times_out_although_it_is_done) {
  set("HAILO_FAKE_TIME_SCALE", "0.03");
  const auto mine = vdevice();
  faults("  - {op: load, kind: spurious_timeout}\n");
  EXPECT_EQ(configure_status(*mine, model("heavy")), HAILO_TIMEOUT);
  // It was loaded: there is no room for another.
  EXPECT_EQ(configure_status(*mine, model("heavier")), HAILO_OUT_OF_HOST_MEMORY);
}

TEST_F(FakeFault, Sending_a_generative_model_may_get_stuck_and_is_given_up) {
  set("HAILO_FAKE_TIME_SCALE", "0.005");
  const auto mine = vdevice();
  faults("  - {op: load, kind: spurious_timeout}\n");
  const auto begin = steady_clock::now();
  EXPECT_EQ(Speech2Text::create(mine, {model("ears")}).status(), HAILO_TIMEOUT);
  EXPECT_GE(steady_clock::now() - begin, 600ms);
  EXPECT_EQ(Speech2Text::create(mine, {model("ears")}).status(), HAILO_SUCCESS);
}

TEST_F(FakeFault, A_server_that_does_not_reply_costs_its_connection) {
  set("HAILO_FAKE_TIME_SCALE", "0.05");
  const auto mine = vdevice();
  auto device = Device::create().release();
  faults("  - {op: telemetry, kind: no_reply, model: temperature}\n");
  EXPECT_EQ(device->get_chip_temperature().status(), HAILO_TIMEOUT);
  EXPECT_EQ(device->identify().status(), HAILO_TIMEOUT);
  EXPECT_EQ(configure_status(*mine, model("camera")), HAILO_SUCCESS);
}

TEST_F(FakeFault, A_read_that_hangs_times_out) {
  // In a process of its own: what hangs cannot be destroyed.
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  ASSERT_EQ(peer.say("llm " + model("talker")), "0");
  faults("  - {op: read, kind: hang}\n");
  EXPECT_EQ(peer.say("generate 100"), "4");
  peer.kill();
}

TEST_F(FakeFault, An_error_while_tokens_are_pulled_shows_as_an_invalid_read) {
  const auto mine = vdevice();
  auto llm = LLM::create(mine, {model("talker")}).release();
  faults("  - {op: read, kind: status, status: 87, after: 1}\n");
  auto generator = llm.create_generator().release();
  generator.write("hello");
  auto completion = generator.generate().release();
  EXPECT_EQ(*completion.read(60s), "one");
  // At once if the thread had ended with nothing left to read, else after the time.
  const auto status = completion.read(200ms).status();
  EXPECT_TRUE(status == HAILO_INVALID_OPERATION || status == HAILO_TIMEOUT);
  EXPECT_EQ(completion.generation_status(), Status::GENERATING);
}

TEST_F(FakeFault, A_restart_hangs_up_on_everybody_and_forgets_everything) {
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  auto mine = vdevice();
  auto ready = configured(*mine, model("heavy"));
  ASSERT_EQ(peer.say("llm " + model("endless")), "0");
  ASSERT_EQ(peer.say("generate"), "0");
  faults("  - {op: telemetry, kind: restart}\n");
  set("HAILO_FAKE_TIME_SCALE", "2");  // of the restart
  auto device = Device::create().release();
  EXPECT_EQ(device->identify().status(), HAILO_COMMUNICATION_CLOSED);
  set("HAILO_FAKE_TIME_SCALE", kScale);
  EXPECT_EQ(vdevice_status("OTHER"), HAILO_CONNECTION_REFUSED);
  Shot shot(ready);
  EXPECT_EQ(ready.run_async(shot.bindings).status(), HAILO_COMMUNICATION_CLOSED);
  EXPECT_EQ(peer.say("load " + model("camera")), "62");

  const auto deadline = steady_clock::now() + 60s;
  hailo_status status = HAILO_CONNECTION_REFUSED;
  while (status == HAILO_CONNECTION_REFUSED && steady_clock::now() < deadline) {
    status = vdevice_status("OTHER");
  }
  EXPECT_EQ(status, HAILO_SUCCESS);
  const auto again = vdevice("OTHER");
  EXPECT_EQ(configure_status(*again, model("heavier")), HAILO_SUCCESS);
  EXPECT_TRUE(LLM::create(again, {model("talker")}));
  peer.kill();
}

TEST_F(FakeFault, What_is_under_way_at_a_restart_is_answered) {
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  Shot shot(ready);
  faults(
      "  - {op: infer, kind: slow, delay_ms: 60000}\n"
      "  - {op: telemetry, kind: restart}\n");
  auto job = ready.run_async(shot.bindings);
  ASSERT_TRUE(job);
  EXPECT_EQ(peer.say("temperature"), "62");
  EXPECT_EQ(job->wait(60s), HAILO_COMMUNICATION_CLOSED);
}

TEST_F(FakeFault, A_frame_that_hangs_is_answered_when_the_chip_restarts) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  Shot shot(ready);
  faults(
      "  - {op: infer, kind: hang}\n"
      "  - {op: telemetry, kind: restart}\n");
  auto job = ready.run_async(shot.bindings);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->wait(100ms), HAILO_TIMEOUT);
  EXPECT_EQ(Device::create().value()->identify().status(), HAILO_COMMUNICATION_CLOSED);
  EXPECT_EQ(job->wait(60s), HAILO_COMMUNICATION_CLOSED);
}

TEST_F(FakeFault, A_connection_may_never_hear_of_a_restart) {
  set("HAILO_FAKE_TIME_SCALE", "0.1");  // of the library's 10 s
  auto mine = vdevice();
  const auto other = vdevice();
  auto ready = configured(*mine, model("camera"));
  auto lens = configured(*mine, model("lens"));
  Shot shot(ready);
  Shot lens_shot(lens);
  faults("  - {op: infer, kind: restart_hang, model: camera}\n");
  auto job = ready.run_async(shot.bindings);
  ASSERT_TRUE(job);
  while (configure_status(*other, model("lens")) == HAILO_SUCCESS) {
  }
  EXPECT_EQ(configure_status(*other, model("lens")), HAILO_COMMUNICATION_CLOSED);
  auto later = lens.run_async(lens_shot.bindings);
  ASSERT_TRUE(later);
  EXPECT_EQ(configure_status(*mine, model("lens")), HAILO_TIMEOUT);
  EXPECT_EQ(job->wait(0ms), HAILO_TIMEOUT);
  EXPECT_EQ(later->wait(0ms), HAILO_TIMEOUT);
  mine.reset();
  EXPECT_EQ(job->wait(60s), HAILO_COMMUNICATION_CLOSED);
  EXPECT_EQ(later->wait(60s), HAILO_COMMUNICATION_CLOSED);
}

TEST_F(FakeFault, A_language_model_has_a_connection_of_its_own_also_after_a_restart) {
  const auto mine = vdevice();
  faults("  - {op: telemetry, kind: restart}\n");
  EXPECT_EQ(Device::create().value()->identify().status(), HAILO_COMMUNICATION_CLOSED);
  const auto status = [&] { return LLM::create(mine, {model("talker")}).status(); };
  const auto deadline = steady_clock::now() + 60s;
  hailo_status last = status();
  while (last == HAILO_CONNECTION_REFUSED && steady_clock::now() < deadline) last = status();
  EXPECT_EQ(last, HAILO_SUCCESS);
  EXPECT_EQ(configure_status(*mine, model("camera")), HAILO_COMMUNICATION_CLOSED);
}

TEST_F(FakeFault, Ending_a_completion_or_a_generator_may_never_return) {
  for (const auto* after : {"0", "1"}) {
    Peer peer;
    ASSERT_EQ(peer.say("group SHARED"), "0");
    ASSERT_EQ(peer.say("llm " + model("talker")), "0");
    ASSERT_EQ(peer.say("generate"), "0");
    faults(std::string("  - {op: finish, kind: hang, after: ") + after + "}\n");
    peer.send("drop");
    const auto deadline = steady_clock::now() + 60s;
    const auto fired = [&] {
      std::stringstream noted;
      noted << std::ifstream(folder.path("faults.fired")).rdbuf();
      return noted.str() == "hang finish talker \n";
    };
    while (!fired() && steady_clock::now() < deadline) {
    }
    EXPECT_TRUE(fired());
    EXPECT_FALSE(peer.answers_within(200ms));
    peer.kill();
    std::filesystem::remove(folder.path("faults.fired"));
  }
}

TEST_F(FakeFault, Messages_are_found_in_the_log_file) {
  set("HAILORT_LOGGER_PATH", folder.path(""));
  EXPECT_EQ(Device::create("elsewhere").status(), HAILO_INVALID_ARGUMENT);
  ::unsetenv("HAILORT_LOGGER_PATH");
  std::stringstream log;
  log << std::ifstream(folder.path("hailort.log")).rdbuf();
  EXPECT_NE(log.str().find("Invalid device id"), std::string::npos);
}

using FakeFaultDeathTest = FakeFault;

TEST_F(FakeFaultDeathTest, A_crash_ends_the_process) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  faults("  - {op: scan, kind: crash}\n");
  EXPECT_DEATH((void)Device::scan(), "a simulated crash");
}

TEST_F(FakeFaultDeathTest, In_5_2_a_completion_that_cannot_be_aborted_ends_the_process) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        const auto mine = vdevice();
        auto llm = LLM::create(mine, {model("endless")}).release();
        auto generator = llm.create_generator().release();
        generator.write("hello");
        {
          auto completion = generator.generate().release();
          faults("  - {op: telemetry, kind: restart}\n");
          (void)Device::create().release()->identify();
        }
      },
      "could not be aborted");
}

}  // namespace
}  // namespace npu::fakes
