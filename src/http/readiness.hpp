// Whether a service can do its work now. The service updates it, /health/ready tells it.
#pragma once

#include <string>
#include <utility>

namespace npu::http {

// Used on the event loop only.
class Readiness {
 public:
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
  std::string reason_ = "starting";
  std::string detail_;
};

}  // namespace npu::http
