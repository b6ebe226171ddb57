// Whether a service can do its work now: what it needs for it, by name. /health/ready tells it.
//
//   http::Condition& model = host.readiness().add("model", "model_loading");
//   ...
//   model.set_ready();
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

namespace npu::http {

// Used on the event loop only.
class Condition {
 public:
  explicit Condition(std::string name, std::string reason = "starting")
      : name_(std::move(name)), reason_(std::move(reason)) {}

  const std::string& name() const { return name_; }
  bool ready() const { return reason_.empty(); }
  // Why not: "model_loading", "manager_unavailable", "device_unavailable", "stopping". Empty when
  // ready.
  const std::string& reason() const { return reason_; }
  // What happened, for people; empty if there is nothing to say.
  const std::string& detail() const { return detail_; }
  void set_ready() { set_not_ready({}); }
  void set_not_ready(std::string reason, std::string detail = {}) {
    reason_ = std::move(reason);
    detail_ = std::move(detail);
  }

 private:
  std::string name_;
  std::string reason_;
  std::string detail_;
};

// Used on the event loop only.
class Readiness {
 public:
  // One more thing that is needed, and is not there yet for this reason. Valid as long as this is.
  Condition& add(std::string name, std::string reason = "starting") {
    return conditions_.emplace_back(std::move(name), std::move(reason));
  }

  bool ready() const { return std::ranges::all_of(conditions_, &Condition::ready); }
  // In the order in which they were added.
  const std::deque<Condition>& conditions() const { return conditions_; }

 private:
  std::deque<Condition> conditions_;
};

}  // namespace npu::http
