// Outputs of networks for tests of heads, and what is found in them.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <npu/tensor.hpp>

#include "vision/detection.hpp"
#include "vision/outputs.hpp"

namespace npu::vision {

// The numbers of heads_golden.py.
class Noise {
 public:
  std::vector<float> operator()(float low, float high, std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) {
      x_ = x_ * 1664525U + 1013904223U;
      value = low + (high - low) * (static_cast<float>(x_ >> 8) / 16777216.F);
    }
    return values;
  }

 private:
  std::uint32_t x_ = 1;
};

struct Tensors {
  std::vector<std::pair<Shape, std::vector<float>>> all;

  std::vector<float>& add(Shape shape, std::vector<float> data) {
    return all.emplace_back(std::move(shape), std::move(data)).second;
  }
  std::vector<float>& fill(const Shape& shape, float value) {
    std::size_t count = 1;
    for (const auto side : shape) count *= static_cast<std::size_t>(side);
    return add(shape, std::vector<float>(count, value));
  }
  // Views of them.
  std::vector<Output> outputs() const {
    std::vector<Output> out;
    out.reserve(all.size());
    for (const auto& [shape, data] : all) out.push_back({shape, data});
    return out;
  }
};

// A hundredth of a pixel, as the golden vectors are written.
inline void expect_found(const Detection& is, const Detection& should) {
  EXPECT_EQ(is.label, should.label);
  EXPECT_NEAR(is.score, should.score, 1e-4);
  EXPECT_NEAR(is.box.left, should.box.left, 0.01);
  EXPECT_NEAR(is.box.top, should.box.top, 0.01);
  EXPECT_NEAR(is.box.right, should.box.right, 0.01);
  EXPECT_NEAR(is.box.bottom, should.box.bottom, 0.01);
}

}  // namespace npu::vision
