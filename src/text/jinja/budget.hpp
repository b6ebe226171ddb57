// How much a rendering may still do.
#pragma once

#include <cstddef>

namespace npu::text::jinja {

struct Bounds {
  std::size_t steps = 5'000'000;  // nodes that are evaluated, and every 64 bytes or elements
  std::size_t bytes = std::size_t{32} << 20;  // that are written, or that one text has
  int depth = 100;                            // of calls of macros
};

// Throws TemplateError when it is used up.
class Budget {
 public:
  explicit Budget(const Bounds& bounds) : bounds_(bounds) {}

  void spend(std::size_t work = 1);
  // For a text or a list of so many bytes or elements that is made or looked through.
  void spend_on(std::size_t size);
  // For one that grows: that it is not too large yet.
  void check(std::size_t size) const;

 protected:
  const Bounds& bounds() const { return bounds_; }

 private:
  const Bounds bounds_;
  std::size_t spent_ = 0;
};

}  // namespace npu::text::jinja
