#include "onnx/problems.hpp"

#include <gtest/gtest.h>

namespace npu::onnx {
namespace {

std::string refused(const OnnxFile& file) { return why_refused(file).value_or("").substr(0, 60); }

TEST(OnnxProblems, What_the_runtime_may_refuse_is_told_with_what_would_do) {
  EXPECT_EQ(refused({.ir_version = 8, .opset = 17}), "");
  EXPECT_EQ(refused({.opset = 23}), "it has opset 23, ONNX Runtime 1.22 knows those up to 22: exp");
  EXPECT_EQ(refused({.ir_version = 11}),
            "it has version 11 of ONNX' file format, ONNX Runtime 1.22 kn");
  OnnxFile integers;
  integers.int8_products = 100;
  EXPECT_EQ(refused(integers), "100 of its integer convolutions or products (ConvInteger, Ma");
}

TEST(OnnxProblems, One_step_for_boxes_and_scores_blinds_a_detector) {
  OnnxFile file;
  file.outputs = {{.name = "output0", .shape = {}, .step = 2.5F}};
  EXPECT_EQ(why_blind(file, {.head = "decoded"})
                .value_or("")
                .find("its output 'output0' is quantised in steps of 2.5"),
            0U);
  EXPECT_FALSE(why_blind(file, {.head = "dfl"})) << "boxes and scores apart";
  file.outputs[0].step = 0.01F;
  EXPECT_FALSE(why_blind(file, {.head = "decoded"}));
}

}  // namespace
}  // namespace npu::onnx
