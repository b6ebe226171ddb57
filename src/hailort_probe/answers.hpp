// What hailo-device-probe prints: one JSON object on the last line. The lines before it are the
// readings of a check, each as it is taken: {"reading": {"<name>": ...}}.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::hailort_probe {

// Without any HailoRT.

// {"pci": [{"address", "device", "driver"}], "nodes": [{"class", "path"}],
//  "drivers": [{"module", "version"}], "holders": [{"pid", "name"}]}, below root where it is not
//  "".
boost::json::object machine(const std::string& root);

// With an adapter from this folder; "": where they are installed. kUnsupported: none loads.

// {"program", "adapter", "library"}: versions.
Result<boost::json::object> versions(const std::string& adapter_dir);
Result<boost::json::object> inspect(const std::string& adapter_dir, const std::string& file);
Result<boost::json::object> scan(const std::string& adapter_dir);

// With the self-test from there, which is an object of its own.

// {"checks": [{"number", "title", "question", "needs", "seconds"}]}
Result<boost::json::object> checks(const std::string& adapter_dir);
// options: a JSON object. on_reading is told of each reading as it is taken.
using OnReading = std::function<void(std::string_view name, const boost::json::value& reading)>;
Result<boost::json::object> check(const std::string& adapter_dir, int number,
                                  const std::string& options, const OnReading& on_reading);

// {"error": {"code", "message"}}
boost::json::object to_json(const Error& error);

}  // namespace npu::hailort_probe
