// The classes' names with which a service answers: those of a configured file, else the model's
// own, else COCO's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <npu/replies.hpp>
#include <npu/result.hpp>

#include "services/kit/labels.hpp"

namespace npu {
class Settings;
}

namespace npu::kit {

// The key `model.labels`; path must outlive the settings' load().
void add_labels_setting(Settings& settings, std::string& path);

class ModelLabels {
 public:
  // path: of model.labels, "" where it is not configured. Fails as Labels::read() does. Blocks.
  static Result<ModelLabels> configured(const std::string& path);
  explicit ModelLabels(std::optional<Labels> configured = {});

  // Of each model that is loaded.
  void learn(const LoadedModel& model);
  // What a request keeps until its end: another load may bring others meanwhile.
  std::shared_ptr<const Labels> now() const { return labels_; }

 private:
  bool configured_;
  std::shared_ptr<const Labels> labels_;
};

}  // namespace npu::kit
