#include "services/kit/app.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>

#include <boost/json.hpp>

#include "base/log.hpp"
#include "services/kit/managed_network.hpp"

namespace npu::kit {
namespace json = boost::json;
namespace {

// Pictures and answers go back to the system at once. By default glibc learns from the first one of
// each size to keep it, up to 64 MB in each thread.
void give_memory_back() {
  constexpr int kBytes = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kBytes);
  ::mallopt(M_TRIM_THRESHOLD, kBytes);
}

// Where the Python services have it.
std::string legacy_path(const std::string& program) {
  const char* base = std::getenv("XDG_CONFIG_HOME");
  const std::string folder = base != nullptr && *base != '\0' ? base : "/etc/xdg";
  return folder + "/" + program + "/" + program + ".json";
}

}  // namespace

void add_app_settings(Settings& settings, http::HostConfig& host) {
  const std::string& program = settings.program();
  settings.config_file({"/etc/hailo/" + program + ".yaml", legacy_path(program)},
                       settings.variable("CONFIG"));
  http::add_host_settings(settings, host);
}

App::App(std::string name, std::string description, http::HostConfig host)
    : settings_(name, std::move(description)), host_config_(std::move(host)) {
  give_memory_back();
  host_config_.name = std::move(name);
  add_app_settings(settings_, host_config_);
}

App::~App() = default;

std::optional<int> App::load(int argc, const char* const* argv) {
  if (const auto exit_code = settings_.load(argc, argv)) return exit_code;
  log::init(name(), log::parse_level(host_config_.log_level).value_or(log::Level::kInfo));
  host_.emplace(host_config_);
  return std::nullopt;
}

const std::shared_ptr<ManagedDevice>& App::device(const std::string& socket_path,
                                                  Millis heartbeat) {
  if (device_) return device_;
  ClientOptions options;
  options.socket_path = socket_path;
  options.name = name();
  device_ = std::make_shared<ManagedDevice>(executor(), std::move(options),
                                            WatchPauses{.heartbeat = heartbeat});
  host_->on_stop([this]() -> awaitable<void> {
    for (Kept& kept : kept_) co_await kept.model.release();
    if (models_) co_await models_->release();
    device_->client().close();
  });
  return device_;
}

Model& App::keep(ModelRules rules) {
  const bool first = kept_.empty();
  const std::string model_name = rules.name;
  const auto& shared = device(rules.socket_path, Millis(rules.heartbeat_ms));
  auto network = std::make_unique<ManagedNetwork>(shared, std::move(rules));
  Kept& kept = kept_.emplace_back(model_name, std::move(network),
                                  host_->readiness().add(first ? "model" : model_name), executor());
  host_->in_background([&kept] { return kept.keeper.run(); });
  if (first) {
    device_->watch([this] {
      for (Kept& one : kept_) one.keeper.look();
    });
    host_->in_background([this] { return device_->keep_watching(); });
    set_health([this] { return health_of(name(), kept_.front().model); });
  }
  return kept.model;
}

ModelSet& App::models(const ModelSetRules& rules) {
  const auto& shared = device(rules.socket_path, Millis(rules.heartbeat_ms));
  std::vector<std::string> names(rules.models.size());
  std::ranges::transform(rules.models, names.begin(), &ModelRules::name);
  models_.emplace(executor(), names, static_cast<std::size_t>(rules.max_loaded),
                  [&](const std::string& wanted) {
                    ModelRules model = *std::ranges::find(rules.models, wanted, &ModelRules::name);
                    model.dir = rules.dir;
                    model.keep_alive = rules.keep_alive;
                    return std::make_unique<ManagedNetwork>(shared, std::move(model));
                  });
  return *models_;
}

void App::set_health(std::function<json::object()> health) { host_->set_health(std::move(health)); }

int App::run() { return host_->run(); }

json::object health_of(const std::string& service, const Model& model, const json::object& more) {
  json::object body;
  body["status"] = "ok";
  body["service"] = service;
  body["model"] = model.name();
  for (const auto& field : more) body[field.key()] = field.value();
  model.add_health(body);
  return body;
}

}  // namespace npu::kit
