// What a detector's classes are called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/replies.hpp>
#include <npu/result.hpp>

namespace npu::kit {

class Labels {
 public:
  // The 80 classes of COCO.
  static Labels coco();
  // A text file in UTF-8, one name a line, in the order of the classes; blank lines at the end are
  // ignored. Fails in words that name the file: kNotFound, kInvalidArgument (no names, a line
  // without one, no UTF-8, over a MiB). Blocks.
  static Result<Labels> read(const std::string& path);
  // The sets that models name: coco80; coco90, where the classes have COCO's ids less one;
  // coco-person. Nothing for others.
  static std::optional<Labels> set(std::string_view name);
  // In the order of the classes.
  static Labels of(std::vector<std::string> names);
  // The model's own, of whatever it says; COCO's where it says nothing.
  static Labels of(const LoadedModel& model);

  const std::vector<std::string>& names() const { return names_; }
  // "class 93" where the label has no name.
  std::string name(int label) const;
  std::optional<int> find(std::string_view name) const;
  // As in COCO's annotations, whose ids have gaps; of other labels counted from 1.
  int category_id(int label) const;

 private:
  std::vector<std::string> names_;
  bool coco_ = false;  // COCO's 80, of which the ids have gaps
};

}  // namespace npu::kit
