#include "hailort_probe/answers.hpp"

#include <utility>

#include <unistd.h>

#include "base/error_table.hpp"
#include "base/version.hpp"
#include "device/hailort/loader.hpp"
#include "device/hailort/machine/holders.hpp"
#include "device/hailort/machine/machine.hpp"
#include "device/hailort/selftest/loader.hpp"
#include "json/parse.hpp"

namespace npu::hailort_probe {
namespace json = boost::json;
namespace hailort = device::hailort;

json::object machine(const std::string& root) {
  const hailort::Roots roots = root.empty()
                                   ? hailort::roots_from_environment()
                                   : hailort::Roots{.sys = root + "/sys", .proc = root + "/proc"};
  json::array pci;
  for (const auto& device : hailort::pci_devices(roots)) {
    pci.push_back(json::object{
        {"address", device.address}, {"device", device.device}, {"driver", device.driver}});
  }
  json::array drivers;
  for (const auto& driver : hailort::drivers(roots)) {
    drivers.push_back(json::object{{"module", driver.module}, {"version", driver.version}});
  }
  const auto found = hailort::device_nodes(roots);
  json::array nodes;
  for (const auto& node : found) {
    nodes.push_back(json::object{{"class", node.class_name}, {"path", node.path}});
  }
  json::array holders;
  for (const auto& holder : hailort::holders(roots, found, ::getpid())) {
    holders.push_back(json::object{{"pid", holder.pid}, {"name", holder.name}});
  }
  return {{"pci", std::move(pci)},
          {"nodes", std::move(nodes)},
          {"drivers", std::move(drivers)},
          {"holders", std::move(holders)}};
}

Result<json::object> checks(const std::string& adapter_dir) {
  const auto plugin = hailort::selftest::load_plugin(adapter_dir);
  if (!plugin) return fail(plugin.error());
  json::array list;
  for (const auto& check : (*plugin)->checks()) {
    json::array needs;
    for (const auto need : check.needs) needs.push_back(json::value(need));
    list.push_back(json::object{{"number", check.number},
                                {"title", check.title},
                                {"question", check.question},
                                {"needs", std::move(needs)},
                                {"seconds", check.seconds}});
  }
  return json::object{{"checks", std::move(list)}};
}

Result<json::object> versions(const std::string& adapter_dir) {
  const auto plugin = hailort::load_plugin(adapter_dir);
  if (!plugin) return fail(plugin.error());
  return json::object{{"program", version()},
                      {"adapter", (*plugin)->compiled_version},
                      {"library", (*plugin)->library_version()}};
}

Result<json::object> inspect(const std::string& adapter_dir, const std::string& file) {
  const auto plugin = hailort::load_plugin(adapter_dir);
  if (!plugin) return fail(plugin.error());
  return (*plugin)->inspect(file);
}

Result<json::object> scan(const std::string& adapter_dir) {
  const auto plugin = hailort::load_plugin(adapter_dir);
  if (!plugin) return fail(plugin.error());
  return (*plugin)->scan();
}

Result<json::object> check(const std::string& adapter_dir, int number, const std::string& options,
                           const OnReading& on_reading) {
  const auto parsed = npu::json::parse(options);
  if (!parsed || !parsed->is_object()) {
    return fail(ErrorCode::kInvalidArgument, "--options must be a JSON object");
  }
  const auto plugin = hailort::selftest::load_plugin(adapter_dir);
  if (!plugin) return fail(plugin.error());
  return (*plugin)->check(number, parsed->get_object(), on_reading);
}

json::object to_json(const Error& error) {
  return {{"error", json::object{{"code", wire_name(error.code)}, {"message", error.message}}}};
}

}  // namespace npu::hailort_probe
