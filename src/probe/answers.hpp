// What hailo-device-probe prints: one JSON object for each question.
#pragma once

#include <string>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::probe {

// Without any HailoRT.

// {"pci": [{"address", "device", "driver"}], "nodes": [{"class", "path"}],
//  "drivers": [{"module", "version"}], "holders": [{"pid", "name"}]}, below root where it is not
//  "".
boost::json::object machine(const std::string& root);
// {"checks": [{"number", "title", "question", "needs", "seconds"}]}
boost::json::object checks();

// With an adapter from this folder; "": where they are installed. kUnsupported: none loads.

// {"program", "adapter", "library"}: versions.
Result<boost::json::object> versions(const std::string& adapter_dir);
Result<boost::json::object> inspect(const std::string& adapter_dir, const std::string& file);
Result<boost::json::object> scan(const std::string& adapter_dir);
// options: a JSON object.
Result<boost::json::object> check(const std::string& adapter_dir, int number,
                                  const std::string& options);

// {"error": {"code", "message"}}
boost::json::object to_json(const Error& error);

}  // namespace npu::probe
