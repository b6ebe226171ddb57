#include "manager/clients/announcements.hpp"

#include <utility>

namespace npu::manager {
namespace json = boost::json;

void Announcements::device(json::object event) { device_ = std::move(event); }

void Announcements::model(std::string name, json::object event) {
  if (many_models_) return;
  models_[std::move(name)] = std::move(event);
  if (models_.size() <= kMostModels) return;
  models_.clear();
  many_models_ = true;
}

void Announcements::step(json::object event) {
  if (missed_ > 0 || steps_.size() >= kMostSteps) {
    ++missed_;
  } else {
    steps_.push_back(std::move(event));
  }
}

json::object Announcements::next() {
  if (device_) return *std::exchange(device_, std::nullopt);
  if (std::exchange(many_models_, false)) return {{"event", "models"}, {"state", "changed"}};
  if (!models_.empty()) return std::move(models_.extract(models_.begin()).mapped());
  if (!steps_.empty()) {
    json::object event = std::move(steps_.front());
    steps_.pop_front();
    return event;
  }
  return {{"event", "missed"}, {"count", std::exchange(missed_, 0)}};
}

}  // namespace npu::manager
