#include "cli/pictures/picture_task.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace npu::cli {

void ClassArguments::add_to(CLI::App& command) {
  command.add_option(
      "--labels", file_,
      "File of the classes' names, one a line; without: the model's own, else COCO's");
  command
      .add_option("--class", names_,
                  "Only objects of this class; several times for several classes")
      ->allow_extra_args(false);
}

Status ClassArguments::prepare() {
  if (!file_.empty()) {
    auto labels = kit::Labels::read(file_);
    if (!labels) return fail(labels.error());
    labels_ = std::move(*labels);
  }
  return {};
}

Status ClassArguments::accept(const LoadedModel& model) {
  if (file_.empty()) labels_ = kit::Labels::of(model);
  for (const auto& name : names_) {
    const auto label = labels_.find(name);
    if (!label) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the model knows no class '{}'; the first of the {} that it knows is "
                              "'{}'",
                              name, labels_.names().size(), labels_.name(0)));
    }
    wanted_.push_back(*label);
  }
  std::ranges::sort(wanted_);
  const auto repeated = std::ranges::unique(wanted_);
  wanted_.erase(repeated.begin(), repeated.end());
  return {};
}

void add_threshold(CLI::App& command, double& threshold, const char* what) {
  command.add_option("--threshold", threshold, what)
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
}

void add_suppression(CLI::App& command, double& iou_threshold, int& max_detections, int most) {
  command
      .add_option("--iou-threshold", iou_threshold, "Most overlap of two that are both shown, 0..1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--max-detections", max_detections, "Show so many at most, the best ones")
      ->check(CLI::Range(1, most))
      ->capture_default_str();
}

std::string counted(std::size_t count, const char* one, const char* many) {
  if (count == 0) return fmt::format("no {}", one);
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

std::string box_text(const kit::Box& box) {
  return fmt::format("{:.0f},{:.0f} {:.0f}x{:.0f}", box.from.x, box.from.y, box.to.x - box.from.x,
                     box.to.y - box.from.y);
}

}  // namespace npu::cli
