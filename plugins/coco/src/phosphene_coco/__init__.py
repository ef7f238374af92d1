"""Captioned pictures: the course's layout, COCO's own JSON, and Flickr."""
