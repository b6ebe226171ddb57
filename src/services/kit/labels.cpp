#include "services/kit/labels.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

#include "description/label_list.hpp"

namespace npu::kit {

std::string_view coco_labels();

namespace {

// Ids between 1 and 90 that COCO gives to no class.
constexpr std::array<int, 10> kGaps{12, 26, 29, 30, 45, 66, 68, 69, 71, 83};

}  // namespace

Labels Labels::coco() {
  Labels labels;
  labels.names_ = label_list(coco_labels()).value();
  labels.coco_ = true;
  return labels;
}

std::optional<Labels> Labels::set(std::string_view name) {
  constexpr int kPerson = 0;
  Labels all = coco();
  if (name == "coco80") return all;
  if (name == "coco-person") return of(std::vector{all.name(kPerson)});
  if (name != "coco90") return std::nullopt;
  std::vector<std::string> names;
  for (int label = 0; label < static_cast<int>(all.names_.size()); ++label) {
    // Ids that no class has.
    const auto id = static_cast<std::size_t>(all.category_id(label));
    while (names.size() + 1 < id) names.push_back(fmt::format("class {}", names.size()));
    names.push_back(all.names_[static_cast<std::size_t>(label)]);
  }
  return of(std::move(names));
}

Labels Labels::of(std::vector<std::string> names) {
  Labels labels;
  labels.names_ = std::move(names);
  return labels;
}

Labels Labels::of(const LoadedModel& model) {
  if (!model.labels.empty()) return of(model.labels);
  return set(model.label_set).value_or(coco());
}

Result<Labels> Labels::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxLabelFileBytes + 1, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof()) {
    return fail(ErrorCode::kNotFound, fmt::format("cannot read the labels {}", path));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto names = label_list(text);
  if (!names) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is no list of labels: UTF-8, one name a line, none empty, 1 MiB at "
                            "most",
                            path));
  }
  return of(std::move(*names));
}

std::string Labels::name(int label) const {
  const auto index = static_cast<std::size_t>(label);
  return index < names_.size() ? names_[index] : fmt::format("class {}", label);
}

std::optional<int> Labels::find(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<int>(found - names_.begin());
}

int Labels::category_id(int label) const {
  int id = label + 1;
  if (!coco_) return id;
  for (const int gap : kGaps) id += id >= gap ? 1 : 0;
  return id;
}

}  // namespace npu::kit
