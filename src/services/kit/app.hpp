// The frame of a service's main().
//
//   int main(int argc, char** argv) {
//     kit::App app("hailo-pose", "Human pose over HTTP.", {.port = 11440});
//     kit::PictureRules picture_rules;
//     kit::ModelRules model_rules{.type = "pose", .name = "yolov8s_pose"};
//     kit::add_picture_settings(app.settings(), picture_rules);
//     kit::add_model_settings(app.settings(), model_rules);
//     if (const auto exit_code = app.load(argc, argv)) return *exit_code;
//     kit::Pictures pictures(app.pool(), picture_rules);
//     kit::Model& model = app.keep(model_rules);
//     app.router().post("/v1/pose/detect", ..., pictures.route());
//     return app.run();
//   }
//
// What every service has from it: /etc/hailo/<name>.yaml, server.* and log.level, flags and
// environment variables for them; /health, /health/ready, /metrics; a model that is kept loaded and
// given back at the end; signals, and the talk with systemd. Not thread safe.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/settings.hpp"
#include "http/service_host.hpp"
#include "services/kit/managed_device.hpp"
#include "services/kit/model.hpp"
#include "services/kit/model_keeper.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/model_set.hpp"

namespace npu::kit {

// Where the service's configuration lies, and the keys server.* and log.level.
void add_app_settings(Settings& settings, http::HostConfig& host);

class App {
 public:
  // host: the defaults; its name is the program's.
  App(std::string name, std::string description, http::HostConfig host);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  Settings& settings() { return settings_; }
  // Reads the configuration. A number: the process ends with it.
  std::optional<int> load(int argc, const char* const* argv);

  // After load():

  const std::string& name() const { return host_config_.name; }
  boost::asio::any_io_executor executor() { return host_->executor(); }
  http::WorkPool& pool() { return host_->pool(); }
  http::Router& router() { return host_->router(); }  // until run()
  http::ServiceHost& host() { return *host_; }

  // fn() on the pool, for a request that has had work done there.
  template <class F>
  auto work(const http::Request& request, F fn) {
    return http::on(pool(), std::move(fn), request.turn(http::PoolEntry::kContinued));
  }

  // A model that the service cannot do without: it is ready while all of these are loaded. Of the
  // first /health tells the state. Valid until the app ends.
  Model& keep(ModelRules rules);
  // Once: models that are loaded when they are asked for. The service is ready without them. Valid
  // until the app ends.
  ModelSet& models(const ModelSetRules& rules);
  // In place of {"status", "service", "model", ...}.
  void set_health(std::function<boost::json::object()> health);

  // Serves until a signal; the exit status.
  int run();

 private:
  struct Kept {
    Kept(std::string name, std::unique_ptr<Network> network, http::Condition& condition,
         boost::asio::any_io_executor executor)
        : model(std::move(name), std::move(network)), keeper(model, condition, executor) {}

    Model model;
    ModelKeeper keeper;
  };

  // The connection that all models share.
  const std::shared_ptr<ManagedDevice>& device(const std::string& socket_path, Millis heartbeat);

  Settings settings_;
  http::HostConfig host_config_;
  std::optional<http::ServiceHost> host_;
  std::shared_ptr<ManagedDevice> device_;
  std::deque<Kept> kept_;
  std::optional<ModelSet> models_;
};

// {"status": "ok", "service", "model", those of `more`, and what the model adds}
boost::json::object health_of(const std::string& service, const Model& model,
                              const boost::json::object& more = {});

}  // namespace npu::kit
