#include "services/ocr/ocr_models.hpp"

namespace npu::ocr {
namespace json = boost::json;

json::object OcrModels::params() const {
  json::object recognition{{"en", latin}};
  json::object batches{{"en", batch}};
  if (!chinese.empty()) {
    recognition["zh"] = chinese;
    batches["zh"] = batch;
  }
  json::object params;
  params["detection_hef_path"] = detection;
  params["recognition_hefs"] = std::move(recognition);
  params["batch_sizes"] = std::move(batches);
  if (!classifier.empty()) params["classification_path"] = classifier;
  return params;
}

}  // namespace npu::ocr
