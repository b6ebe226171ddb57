#include <fcntl.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class AdapterLoad : public AdapterTest {
 protected:
  ErrorCode refusal(const std::string& name, const std::string& body,
                    const TensorOptions& options = {}) {
    const auto model = try_load(name, body, options);
    if (model) return ErrorCode::kOverloaded;  // never one of the adapter's
    message_ = model.error().message;
    return model.error().code;
  }

  // Runs the model in the next wait of context_.
  void run_meanwhile(TensorModel& model) {
    context_.meanwhile = [&] {
      Tensors tensors(model);
      TestContext context;
      ran_ = model.run(tensors.inputs(), tensors.outputs(), context).has_value();
    };
  }

  std::string message_;
  bool ran_ = false;
};

TEST_F(AdapterLoad, A_loaded_model_says_its_tensors) {
  const auto model = load("plain", kPlain);
  ASSERT_THAT(model->inputs(), SizeIs(1));
  EXPECT_EQ(model->inputs()[0].name, "plain/in");
  EXPECT_EQ(model->inputs()[0].dtype, DType::kUint8);
  EXPECT_EQ(model->inputs()[0].shape, (Shape{8, 8, 3}));
  ASSERT_THAT(model->outputs(), SizeIs(1));
  EXPECT_EQ(model->outputs()[0].name, "plain/out");
  EXPECT_EQ(model->outputs()[0].dtype, DType::kFloat32);
  EXPECT_EQ(model->outputs()[0].shape, (Shape{4, 4, 2}));
}

TEST_F(AdapterLoad, A_batch_is_the_first_dimension) {
  const auto model = load("plain", kPlain, {.batch = 4});
  EXPECT_EQ(model->inputs()[0].shape, (Shape{4, 8, 8, 3}));
  EXPECT_EQ(model->outputs()[0].shape, (Shape{4, 4, 4, 2}));
  EXPECT_EQ(refusal("plain", kPlain, {.batch = 0}), ErrorCode::kInvalidArgument);
}

TEST_F(AdapterLoad, A_file_for_another_architecture_never_reaches_the_device) {
  faults("op: upload, kind: crash");
  const std::string body = std::string(kPlain) + "hef: {architectures: [HAILO8, HAILO8L]}\n";
  EXPECT_EQ(refusal("yolo", body), ErrorCode::kUnsupported);
  EXPECT_EQ(message_, "yolo.hef is compiled for hailo8 and hailo8l; this device is a hailo10h");
}

TEST_F(AdapterLoad, One_of_several_architectures_is_enough) {
  const std::string body = std::string(kPlain) + "hef: {architectures: [HAILO15H, HAILO10H]}\n";
  EXPECT_TRUE(try_load("yolo", body));
}

TEST_F(AdapterLoad, A_file_that_is_no_HEF_or_a_damaged_one_is_malformed) {
  const ModelFile file{dir_.file("text.hef", "no model at all"), -1};
  const auto model = device().load_tensor(file, {}, context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kMalformed);
  EXPECT_EQ(model.error().message, "text.hef: no HEF file");
  EXPECT_EQ(refusal("x", std::string(kPlain) + "hef: {damaged: true}\n"), ErrorCode::kMalformed);
  EXPECT_THAT(message_, HasSubstr("HAILO_HEF_FILE_CORRUPTED (91)"));
  const std::string cut = fakes::hef(kPlain, 1000) + std::string(999, 'w');
  const auto half = device().load_tensor({dir_.file("cut.hef", cut), -1}, {}, context_);
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().code, ErrorCode::kMalformed);
  EXPECT_THAT(half.error().message, HasSubstr("cut.hef: no complete HEF file: it is cut off"));
  const auto missing = device().load_tensor({dir_.path("none.hef"), -1}, {}, context_);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST_F(AdapterLoad, A_model_comes_from_a_descriptor_whose_name_leads_nowhere) {
  const ModelFile file = hef("plain", kPlain);
  const UniqueFd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  std::filesystem::remove(file.path);
  const auto model = device().load_tensor({"/nowhere/plain.hef", fd.get()}, {}, context_);
  EXPECT_TRUE(model) << model.error().message;
}

TEST_F(AdapterLoad, A_language_model_is_no_tensor_model) {
  EXPECT_EQ(refusal("qwen", "kind: text\n"), ErrorCode::kUnsupported);
  EXPECT_THAT(message_, HasSubstr("qwen.hef"));
}

TEST_F(AdapterLoad, One_of_several_networks_is_named_by_the_input_layer) {
  const std::string body = std::string(kPlain) + "hef: {groups: [day, night]}\n";
  EXPECT_EQ(refusal("two", body), ErrorCode::kInvalidArgument);
  EXPECT_THAT(message_, HasSubstr("day, night"));
  EXPECT_TRUE(try_load("two", body, {.input_layer = "night"}));
  EXPECT_TRUE(try_load("two", body, {.input_layer = "plain/in"}));
  EXPECT_EQ(refusal("two", body, {.input_layer = "noon"}), ErrorCode::kInvalidArgument);
}

TEST_F(AdapterLoad, One_of_several_outputs_is_named_with_or_without_its_network) {
  constexpr const char* kTwo = R"(
kind: tensor
inputs: [{name: two/in, dtype: uint8, shape: [8, 8, 3]}]
outputs:
  - {name: two/first, dtype: float32, shape: [4]}
  - {name: two/second, dtype: float32, shape: [6]}
)";
  EXPECT_THAT(load("two", kTwo)->outputs(), SizeIs(2));
  for (const char* name : {"two/second", "second"}) {
    const auto model = load("two", kTwo, {.output_layer = name});
    ASSERT_THAT(model->outputs(), SizeIs(1)) << name;
    Tensors tensors(*model);
    tensors.fill(3);
    ASSERT_TRUE(model->run(tensors.inputs(), tensors.outputs(), context_));
    EXPECT_NEAR(tensors.floats(0)[0], expected("two", tensors.in, 1) / 1000.0, 0.0006);
  }
  EXPECT_EQ(refusal("two", kTwo, {.output_layer = "econd"}), ErrorCode::kInvalidArgument);
  EXPECT_THAT(message_, HasSubstr("two/first, two/second"));
}

TEST_F(AdapterLoad, A_busy_device_is_asked_again_a_few_times) {
  faults("op: upload, kind: status, status: 97, times: 2");
  EXPECT_TRUE(try_load("plain", kPlain));
  EXPECT_THAT(context_.waits, SizeIs(2));
  context_.waits.clear();
  faults("op: upload, kind: status, status: 97, times: 0");
  EXPECT_EQ(refusal("plain", kPlain), ErrorCode::kBusy);
  EXPECT_THAT(context_.waits, SizeIs(3));
}

TEST_F(AdapterLoad, A_cancelled_load_does_not_wait_for_a_busy_device) {
  faults("op: upload, kind: status, status: 97, times: 0");
  context_.cancel = true;
  EXPECT_EQ(refusal("plain", kPlain), ErrorCode::kCancelled);
  EXPECT_THAT(context_.waits, SizeIs(1));
}

TEST_F(AdapterLoad, Memory_comes_back_with_the_group) {
  const std::string large = std::string(kPlain) + "size_mb: 600\n";
  EXPECT_TRUE(try_load("one", large + "name: one\n"));  // and destroyed at once
  auto kept = load("one", large + "name: one\n");
  EXPECT_EQ(refusal("two", large + "name: two\n"), ErrorCode::kDoesNotFit);
  EXPECT_EQ(device().release_group().error().code, ErrorCode::kInternal);
  kept.reset();
  EXPECT_TRUE(device().release_group());
  EXPECT_TRUE(try_load("two", large + "name: two\n"));
}

TEST_F(AdapterLoad, The_bound_on_core_ops_asks_for_room) {
  EXPECT_EQ(refusal("many", std::string(kPlain) + "hef: {core_ops: 27}\n"), ErrorCode::kDoesNotFit);
  EXPECT_THAT(message_, HasSubstr("core-ops"));
}

TEST_F(AdapterLoad, Runs_of_other_models_go_on_meanwhile) {
  const auto model = load("first", kPlain);
  run_meanwhile(*model);
  EXPECT_TRUE(try_load("second", std::string(kPlain) + "load_ms: 100\n"));
  EXPECT_TRUE(ran_);
}

TEST_F(AdapterLoad, Runs_of_other_models_go_on_while_a_file_is_read) {
  const auto model = load("first", kPlain);
  run_meanwhile(*model);
  // Nothing is loaded of it.
  EXPECT_EQ(refusal("x", std::string(kPlain) + "hef: {damaged: true}\n"), ErrorCode::kMalformed);
  EXPECT_TRUE(ran_);
}

TEST_F(AdapterLoad, Models_share_connections_where_no_more_are_given) {
  const auto first = load("first", kPlain);
  faults("op: connect, model: vdevice, kind: status, status: 97, times: 0");
  auto second = load("second", std::string(kPlain) + "name: second\n");
  Tensors tensors(*second);
  EXPECT_TRUE(second->run(tensors.inputs(), tensors.outputs(), context_));
}

TEST_F(AdapterLoad, Many_models_are_loaded_and_run) {
  std::vector<std::unique_ptr<TensorModel>> models;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "m" + std::to_string(i);
    models.push_back(load(name, std::string(kPlain) + "name: " + name + "\n"));
  }
  for (int i = 0; i < 12; ++i) {
    Tensors tensors(*models[static_cast<std::size_t>(i)]);
    tensors.fill(static_cast<std::uint8_t>(i));
    ASSERT_TRUE(
        models[static_cast<std::size_t>(i)]->run(tensors.inputs(), tensors.outputs(), context_));
    EXPECT_NEAR(tensors.floats(0)[0], expected("m" + std::to_string(i), tensors.in, 0) / 1000.0,
                0.0006);
  }
}

}  // namespace
}  // namespace npu::device::hailort
