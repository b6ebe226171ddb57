// What only the simulated device can show of the real hailo-device-worker: generations, faults.
#include <csignal>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"
#include "worker/worker_messages_test_support.hpp"
#include "worker/worker_process_test_support.hpp"

namespace npu::worker {
namespace {

namespace json = boost::json;

class SimWorker : public testing::Test {
 protected:
  void start(std::vector<std::string> environment = {}) {
    worker_ = std::make_unique<WorkerProcess>(
        std::vector<std::string>{"--device", "sim", "--sim-profile",
                                 dir_.file("profile.yaml", kProfile), "--sim-state",
                                 dir_.path("chip")},
        std::move(environment));
    worker_->receive();
  }
  void load(std::string_view type, const std::string& name) {
    const auto done = worker_->ask(load_message(1, name, type, dir_.file(name + ".hef", "x")));
    ASSERT_EQ(code_of(done), "no error") << json::serialize(done);
  }
  json::object chat(int job, const std::string& name) {
    auto message = infer_message(job, name, {{"prompt", "hi"}});
    message["stream"] = true;
    return message;
  }

  fakes::TempDir dir_;
  std::unique_ptr<WorkerProcess> worker_;
};

TEST_F(SimWorker, A_stream_comes_before_its_reply_and_adds_up_to_it) {
  start();
  load("vlm_chat", "talker");
  worker_->send(chat(2, "talker"));
  std::string joined;
  for (;;) {
    const auto message = worker_->receive();
    EXPECT_EQ(message.at("job").to_number<int>(), 2);
    if (message.at("op") == "done") {
      EXPECT_EQ(message.at("result"), "one two three");
      break;
    }
    joined += message.at("event").at("text").as_string();
  }
  EXPECT_EQ(joined, "one two three");
}

TEST_F(SimWorker, Nothing_is_streamed_that_was_not_asked_for) {
  start();
  load("whisper", "ear");
  auto message = infer_message(2, "ear", {{"audio", {0.1, 0.2}}});
  EXPECT_EQ(worker_->ask(message).at("op"), "done");
  message["stream"] = true;
  EXPECT_EQ(worker_->ask(message).at("op"), "event");
  const auto done = worker_->receive();
  EXPECT_EQ(done.at("result").at("segments").at(0).at("text"), "hello");
}

TEST_F(SimWorker, A_generation_that_is_cancelled_ends_at_once_and_what_waited_follows) {
  start();
  load("vlm_chat", "endless");
  worker_->send(chat(2, "endless"));
  EXPECT_EQ(worker_->receive().at("op"), "event");  // the first token; the next is 1000 s away
  worker_->send(chat(3, "endless"));
  worker_->send(json::object{{"op", "telemetry"}, {"job", 4}});
  worker_->send(json::object{{"op", "cancel"}, {"job", 3}});
  worker_->send(json::object{{"op", "cancel"}, {"job", 2}});
  for (const int job : {2, 3}) {
    const auto done = worker_->receive();
    EXPECT_EQ(done.at("job").to_number<int>(), job);
    EXPECT_EQ(code_of(done), "cancelled");
  }
  EXPECT_EQ(worker_->receive().at("job").to_number<int>(), 4);
}

TEST_F(SimWorker, Ends_during_a_generation_when_the_link_closes) {
  start();
  load("vlm_chat", "endless");
  worker_->send(chat(2, "endless"));
  worker_->receive();
  worker_->close_link();
  EXPECT_EQ(worker_->wait(), 0);
}

TEST_F(SimWorker, A_load_states_the_memory_that_it_took) {
  start();
  const auto done = worker_->ask(load_message(1, "t", "vlm", dir_.file("talker.hef", "x")));
  EXPECT_EQ(done.at("memory_bytes").to_number<int>(), 20'000'000);
  EXPECT_EQ(done.at("info"), json::object());
}

TEST_F(SimWorker, A_crash_on_order_happens_once_although_the_process_starts_anew) {
  const std::vector<std::string> environment{
      "HAILO_SIM_FAULTS=" +
      dir_.file("faults.yaml", "faults: [{op: infer, kind: crash, model: talker}]")};
  start(environment);
  load("vlm_chat", "talker");
  worker_->send(chat(2, "talker"));
  EXPECT_TRUE(worker_->at_end());
  EXPECT_EQ(worker_->wait(), -SIGABRT);
  start(environment);
  load("vlm_chat", "talker");
  EXPECT_EQ(worker_->ask(infer_message(2, "talker", {{"prompt", "hi"}})).at("result"),
            "one two three");
}

TEST_F(SimWorker, Destructors_that_hang_do_not_keep_it_alive_when_the_link_closes) {
  start({"HAILO_SIM_FAULTS=" + dir_.file("faults.yaml", "faults: [{op: unload, kind: hang}]")});
  load("vlm_chat", "talker");
  worker_->close_link();
  EXPECT_EQ(worker_->wait(), 1);
}

TEST_F(SimWorker, The_loss_of_the_device_ends_the_process_and_says_why) {
  for (const char* op : {"load", "infer"}) {
    start({"HAILO_SIM_FAULTS=" +
           dir_.file("faults.yaml", std::string("faults: [{kind: device_lost, id: ") + op +
                                        ", op: " + op + "}]")});
    worker_->send(load_message(1, "talker", "vlm_chat", dir_.file("talker.hef", "x")));
    if (op == std::string_view("infer")) {
      EXPECT_EQ(code_of(worker_->receive()), "no error");
      worker_->send(chat(2, "talker"));
    }
    const auto lost = worker_->receive();
    EXPECT_EQ(lost.at("op"), "lost") << json::serialize(lost);
    EXPECT_EQ(code_of(lost), "device_lost");
    EXPECT_TRUE(worker_->at_end());
    EXPECT_EQ(worker_->wait(), 1);
  }
}

TEST_F(SimWorker, A_hang_on_order_hears_nothing_and_dies_of_sigkill_only) {
  start({"HAILO_SIM_FAULTS=" + dir_.file("faults.yaml", "faults: [{op: infer, kind: hang}]")});
  load("vlm_chat", "talker");
  worker_->send(chat(2, "talker"));
  worker_->signal(SIGTERM);
  worker_->send(json::object{{"op", "cancel"}, {"job", 2}});
  worker_->signal(SIGKILL);
  EXPECT_EQ(worker_->wait(), -SIGKILL);
}

TEST(WorkerProgram, A_device_that_does_not_open_is_told_and_ends_the_process) {
  const std::pair<std::vector<std::string>, const char*> kWrong[] = {
      {{"--device", "abacus"}, "unsupported"},
      {{"--device", "sim", "--sim-profile", "/nowhere"}, "not_found"}};
  for (const auto& [arguments, code] : kWrong) {
    WorkerProcess worker(arguments);
    const auto failed = worker.receive();
    EXPECT_EQ(failed.at("op"), "failed");
    EXPECT_EQ(code_of(failed), code);
    EXPECT_TRUE(worker.at_end());
    EXPECT_EQ(worker.wait(), 1);
  }
}

TEST(WorkerProgram, Wrong_arguments_end_it_before_it_begins) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--threads", "many"},
                                                    {"--link-fd", "0"},
                                                    {"--lane", "left"},
                                                    {"--nonsense"}}) {
    WorkerProcess worker(arguments);
    EXPECT_TRUE(worker.at_end());
    EXPECT_GT(worker.wait(), 1);
  }
}

}  // namespace
}  // namespace npu::worker
