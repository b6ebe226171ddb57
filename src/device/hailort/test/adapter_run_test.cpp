#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <latch>
#include <map>
#include <ranges>
#include <thread>

#include <sys/mman.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/hailort/chip/page_memory.hpp"
#include "device/hailort/test/adapter_test_support.hpp"
#include "fakes/hailort/fake_runs.hpp"

namespace npu::device::hailort {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatNear;

class AdapterRun : public AdapterTest {
 protected:
  Status run(TensorModel& model, Tensors& tensors) {
    return model.run(tensors.inputs(), tensors.outputs(), context_);
  }
  void expect_result(const std::string& name, const Tensors& tensors) {
    EXPECT_THAT(tensors.floats(0),
                Each(FloatNear(static_cast<float>(expected(name, tensors.in, 0)) / 1000, 0.0006F)));
  }
};

TEST_F(AdapterRun, The_result_is_what_the_network_makes_of_the_input) {
  const auto model = load("plain", kPlain);
  for (const std::uint8_t seed : {1, 2, 3}) {
    Tensors tensors(*model);
    tensors.fill(seed);
    ASSERT_TRUE(run(*model, tensors));
    expect_result("plain", tensors);
  }
}

TEST_F(AdapterRun, Eight_bit_outputs_become_numbers_here) {
  const auto model = load("plain", std::string(kPlain) +
                                       "hef: {outputs: {plain/out: {type: uint8, scale: 0.5, "
                                       "zero_point: 10}}}\n");
  Tensors tensors(*model);
  tensors.fill(1);
  ASSERT_TRUE(run(*model, tensors));
  // To the nearest half.
  EXPECT_THAT(tensors.floats(0),
              Each(FloatNear(static_cast<float>(expected("plain", tensors.in, 0)) / 1000, 0.251F)));
}

TEST_F(AdapterRun, Each_feature_of_an_output_has_its_own_scale) {
  for (const char* order : {"NHWC", "NHCW", "NCHW"}) {
    const auto model =
        load("plain", std::string(kPlain) + "hef: {outputs: {plain/out: {order: " + order +
                          ", scales: [0.001, 0.05], zero_points: [7, 10000]}}}\n");
    Tensors tensors(*model);
    tensors.fill(1);
    ASSERT_TRUE(run(*model, tensors));
    const float value = static_cast<float>(expected("plain", tensors.in, 0)) / 1000;
    const auto values = tensors.floats(0);
    EXPECT_THAT(values, Each(FloatNear(value, 0.0251F))) << order;
    // One of the two features is told exactly.
    EXPECT_EQ(
        std::ranges::count_if(values, [&](float one) { return std::abs(one - value) < 1e-5F; }), 16)
        << order;
  }
}

TEST_F(AdapterRun, Inputs_that_are_no_pictures_are_quantised_here) {
  const auto model = load("text", R"(
kind: tensor
inputs: [{name: text/in, dtype: float32, shape: [1, 4, 8]}]
outputs: [{name: text/out, dtype: float32, shape: [5], fill: 2}]
)");
  EXPECT_EQ(model->inputs()[0].dtype, DType::kFloat32);
  Tensors tensors(*model);
  ASSERT_TRUE(run(*model, tensors));
  EXPECT_THAT(tensors.floats(0), Each(FloatNear(2, 0.01F)));
}

TEST_F(AdapterRun, Each_frame_of_a_batch_has_its_own_result) {
  const auto model = load("plain", kPlain, {.batch = 3});
  Tensors tensors(*model);
  tensors.fill(9);
  ASSERT_TRUE(run(*model, tensors));
  const std::size_t bytes = tensors.in[0].data.size() / 3;
  const auto values = tensors.floats(0);
  for (std::size_t frame = 0; frame < 3; ++frame) {
    const auto begin = tensors.in[0].data.begin() + static_cast<std::ptrdiff_t>(frame * bytes);
    const Tensor one{DType::kUint8, {}, {begin, begin + static_cast<std::ptrdiff_t>(bytes)}};
    EXPECT_NEAR(values[frame * values.size() / 3], expected("plain", {one}, 0) / 1000.0, 0.0006);
  }
}

TEST_F(AdapterRun, Boxes_in_all_orders_become_the_same_table) {
  constexpr const char* kBoxes = R"(
kind: tensor
inputs: [{name: yolo/in, dtype: uint8, shape: [16, 8, 3]}]
outputs:
  - name: yolo/nms
    nms:
      order: %s
      classes: 3
      boxes: 4
      mask_bytes: 64
      report: [[0.5, 0.25, 0.75, 0.375, 0.9, 2], [0, 0, 0.125, 0.125, 0.5, 0]]
)";
  for (const std::string order : {"by_class", "by_score", "byte_mask"}) {
    std::string body = kBoxes;
    body.replace(body.find("%s"), 2, order);
    if (order != "byte_mask") body.replace(body.find("      mask_bytes: 64\n"), 21, "");
    const auto model = load("yolo", body);
    Tensors tensors(*model);
    ASSERT_TRUE(run(*model, tensors)) << order;
    auto rows = tensors.floats(0);
    ASSERT_EQ(rows.size(), (order == "by_class" ? 12U : 4U) * 6) << order;
    rows.resize(18);
    EXPECT_THAT(rows, ElementsAre(0.5F, 0.25F, 0.75F, 0.375F, 0.9F, 2, 0, 0, 0.125F, 0.125F, 0.5F,
                                  0, 0, 0, 0, 0, 0, -1))
        << order;
    if (order != "byte_mask") continue;
    // 2 by 2 pixels and 1 by 2.
    ASSERT_EQ(model->outputs()[1].name, "yolo/nms/masks");
    std::vector<std::byte> masks(64);
    std::fill_n(masks.begin(), 6, std::byte{1});
    EXPECT_EQ(tensors.out[1].data, masks);
  }
}

TEST_F(AdapterRun, A_wrong_size_is_refused_and_the_model_stays_alive) {
  const auto model = load("plain", kPlain);
  Tensors tensors(*model);
  tensors.fill(5);
  const auto refused = [&](const std::vector<TensorView>& inputs,
                           const std::vector<MutableTensorView>& outputs) {
    const auto status = model->run(inputs, outputs, context_);
    return !status && status.error().code == ErrorCode::kInvalidArgument;
  };
  auto short_input = tensors.inputs();
  short_input[0].data = short_input[0].data.first(10);
  EXPECT_TRUE(refused(short_input, tensors.outputs()));
  auto wrong_type = tensors.inputs();
  wrong_type[0].dtype = DType::kInt8;
  EXPECT_TRUE(refused(wrong_type, tensors.outputs()));
  auto short_output = tensors.outputs();
  short_output[0].data = short_output[0].data.first(10);
  EXPECT_TRUE(refused(tensors.inputs(), short_output));
  EXPECT_TRUE(refused({}, tensors.outputs()));
  faults("op: upload, kind: crash");  // nothing has to be loaded anew
  ASSERT_TRUE(run(*model, tensors));
  expect_result("plain", tensors);
}

TEST_F(AdapterRun, Runs_are_under_way_together) {
  EXPECT_GE(device().info().runs_at_once, 2);
  const auto model = load("plain", kPlain);
  Tensors first(*model);
  Tensors second(*model);
  first.fill(1);
  second.fill(2);
  bool between = false;
  context_.meanwhile = [&] {
    TestContext other;
    ASSERT_TRUE(model->run(second.inputs(), second.outputs(), other));
    between = true;
  };
  ASSERT_TRUE(run(*model, first));
  EXPECT_TRUE(between);
  expect_result("plain", first);
  expect_result("plain", second);
}

TEST_F(AdapterRun, Pages_of_the_caller_are_used_until_they_are_forgotten) {
  const auto model = load("large", R"(
kind: tensor
inputs: [{name: large/in, dtype: uint8, shape: [32, 128, 3]}]
outputs: [{name: large/out, dtype: float32, shape: [32, 32, 1], fill: 0.25}]
)");
  for (int round = 0; round < 3; ++round) {
    auto memory = PageBuffer::create(8 * 4096);
    ASSERT_TRUE(memory);
    const auto bytes = memory->bytes();
    std::ranges::fill(bytes, static_cast<std::byte>(round));
    device().keep_memory(bytes);
    const TensorView input{DType::kUint8, {32, 128, 3}, bytes.first(3 * 4096)};
    const MutableTensorView output{DType::kFloat32, {32, 32, 1}, bytes.subspan(4 * 4096, 4096)};
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(model->run(std::span(&input, 1), std::span(&output, 1), context_));
    }
    float value = 0;
    std::memcpy(&value, output.data.data(), sizeof(value));
    EXPECT_NEAR(value, 0.25, 0.001);
    EXPECT_EQ(bytes[3 * 4096], static_cast<std::byte>(round));
    EXPECT_EQ(bytes[5 * 4096], static_cast<std::byte>(round));
    device().forget_memory(bytes);
  }
}

// Which of two runs that wait for the core comes first.
class AdapterPriority : public AdapterRun {
 protected:
  AdapterPriority() { environment("HAILO_FAKE_RUNS", dir_.path("runs")); }

  static std::string taking(int milliseconds) {
    return std::string(kPlain) + "run_ms: " + std::to_string(milliseconds) + "\n";
  }
  static void run_once(TensorModel& model, Priority of) {
    TestContext context;
    context.urgency = of;
    Tensors tensors(model);
    EXPECT_TRUE(model.run(tensors.inputs(), tensors.outputs(), context));
  }
  std::vector<std::string> noted() const { return fakes::runs_noted_in(dir_.path("runs")); }
  struct Launch {
    std::string model;
    Priority of = Priority::kInteractive;
    Duration after{};  // on the clock of the rate
  };
  std::vector<std::string> order_of(Priority first, Priority second) {
    return order_of({{"a", first}, {"b", second}});
  }
  // Whose turns come in which order where all are launched, one after the other, while another
  // model keeps the core busy.
  std::vector<std::string> order_of(const std::vector<Launch>& launches) {
    const auto busy = load("busy", taking(4000));  // 0.2 s
    run_once(*busy, Priority::kRealtime);
    std::map<std::string, std::unique_ptr<TensorModel>> models;
    std::vector<std::string> waiting{"+busy", "busy"};
    for (const auto& launch : launches) {
      waiting.push_back("+" + launch.model);
      auto& model = models[launch.model];
      if (model) continue;
      model = load(launch.model, taking(1));
      // The chip knows its priority already, so that a run begins with its frame.
      run_once(*model, launch.of);
    }
    for (int attempt = 0; attempt < 50; ++attempt) {
      std::filesystem::remove(dir_.path("runs"));
      clock_.advance(std::chrono::hours(1));
      run_behind(*busy, models, launches);
      const auto order = noted();
      // Else the core was free again before all had come.
      if (std::ranges::equal(order | std::views::take(waiting.size()), waiting)) {
        return {order.begin() + std::ssize(waiting), order.end()};
      }
    }
    ADD_FAILURE() << "the core was never busy for long enough";
    return {};
  }

  static inline FakeClock clock_;  // outlives the device

 private:
  void run_behind(TensorModel& busy,
                  const std::map<std::string, std::unique_ptr<TensorModel>>& models,
                  const std::vector<Launch>& launches) {
    std::mutex turn;
    std::vector<std::thread> threads;
    std::map<std::string, int> launched;
    const auto launch = [&](const Launch& one) {
      TensorModel& model = *models.at(one.model);
      clock_.advance(one.after);
      std::latch under_way(1);
      threads.emplace_back([&model, &turn, &under_way, of = one.of] {
        const std::lock_guard lock(turn);
        TurnContext context(turn, of);
        context.meanwhile = [&] { under_way.count_down(); };
        Tensors tensors(model);
        EXPECT_TRUE(model.run(tensors.inputs(), tensors.outputs(), context));
      });
      under_way.wait();
      // Frames of two models go to the chip by ways of their own.
      const int count = ++launched[one.model];
      while (std::ranges::count(noted(), "+" + one.model) < count) std::this_thread::yield();
    };
    TestContext context;
    context.urgency = Priority::kRealtime;
    context.meanwhile = [&] { std::ranges::for_each(launches, launch); };
    Tensors tensors(busy);
    EXPECT_TRUE(busy.run(tensors.inputs(), tensors.outputs(), context));
    for (auto& thread : threads) thread.join();
  }
};

TEST_F(AdapterPriority, Realtime_goes_before_batch_on_the_chip) {
  EXPECT_THAT(order_of(Priority::kBatch, Priority::kRealtime), ElementsAre("b", "a"));
}

TEST_F(AdapterPriority, Interactive_goes_before_batch_on_the_chip) {
  EXPECT_THAT(order_of(Priority::kBatch, Priority::kInteractive), ElementsAre("b", "a"));
}

TEST_F(AdapterPriority, A_file_that_ran_as_batch_before_it_was_loaded_anew_is_interactive_again) {
  const auto keeper = load("keeper", taking(1));  // of what was configured
  run_once(*load("b", taking(1)), Priority::kBatch);
  EXPECT_THAT(order_of(Priority::kBatch, Priority::kInteractive), ElementsAre("b", "a"));
}

TEST_F(AdapterPriority, A_batch_frame_does_not_put_back_a_realtime_one_of_its_model) {
  EXPECT_THAT(
      order_of(
          {{"a", Priority::kRealtime}, {"a", Priority::kBatch}, {"b", Priority::kInteractive}}),
      ElementsAre("a", "a", "b"));
}

TEST_F(AdapterPriority, A_batch_frame_that_overtakes_behind_a_realtime_one_counts_for_the_rate) {
  // Two at once. The first is what keeps the core busy.
  open({.realtime_fps = 20, .clock = &clock_});
  EXPECT_THAT(order_of({{"a", Priority::kRealtime},
                        {"a", Priority::kBatch},
                        {"c", Priority::kInteractive},
                        {"b", Priority::kRealtime, std::chrono::milliseconds(50)}}),
              ElementsAre("a", "a", "c", "b"));
}

TEST_F(AdapterPriority, Realtime_over_the_rate_is_an_equal) {
  open({.realtime_fps = 0});
  EXPECT_THAT(order_of(Priority::kInteractive, Priority::kRealtime), ElementsAre("a", "b"));
}

TEST_F(AdapterPriority, Equals_go_in_turn) {
  EXPECT_THAT(order_of(Priority::kInteractive, Priority::kInteractive), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace npu::device::hailort
