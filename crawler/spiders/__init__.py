"""What Scrapy finds by name: the one spider, and its way of asking."""
