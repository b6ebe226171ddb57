// A page as programs that know Tesseract read it.
#pragma once

#include <string>

#include "services/ocr/page.hpp"

namespace npu::ocr {

// hOCR 1.2: ocr_page, ocr_carea, ocr_par, ocr_line and ocrx_word with bbox and x_wconf.
std::string hocr_text(const Page& page);

// Tesseract's table: a row for the page and for each block, paragraph, line and word.
std::string tsv_text(const Page& page);

// ALTO 4: TextBlock, TextLine, String with WC and SP, in pixels.
std::string alto_text(const Page& page);

}  // namespace npu::ocr
