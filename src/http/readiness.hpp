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
  void set_ready() { reason_.clear(); }
  void set_not_ready(std::string reason) { reason_ = std::move(reason); }

 private:
  std::string reason_ = "starting";
};

}  // namespace npu::http
