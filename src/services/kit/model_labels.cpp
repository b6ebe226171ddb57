#include "services/kit/model_labels.hpp"

#include <utility>

#include "base/settings.hpp"

namespace npu::kit {

void add_labels_setting(Settings& settings, std::string& path) {
  settings.add(
      "model.labels", path,
      {.help =
           "File of the classes' names, one a line; empty: the model's own, else those of COCO"});
}

Result<ModelLabels> ModelLabels::configured(const std::string& path) {
  if (path.empty()) return ModelLabels();
  auto labels = Labels::read(path);
  if (!labels) return fail(labels.error().code, "model.labels: " + labels.error().message);
  return ModelLabels(std::move(*labels));
}

ModelLabels::ModelLabels(std::optional<Labels> configured)
    : configured_(configured.has_value()),
      labels_(std::make_shared<Labels>(std::move(configured).value_or(Labels::coco()))) {}

void ModelLabels::learn(const LoadedModel& model) {
  if (!configured_) labels_ = std::make_shared<Labels>(Labels::of(model));
}

}  // namespace npu::kit
